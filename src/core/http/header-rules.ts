// Configured header rules: which of the client's headers reach an upstream, and which are added. Nothing does unless a
// rule says so; what belongs to one connection or to us never does.
import type { HeaderRule } from '../config/resolve.ts';

/** Where rules find the client's headers; an `Exchange` is one. */
export interface ClientHeaders {
  /** `name` is lower case. */
  header(name: string): string | undefined;
  /** Lower-case names of all headers. */
  headerNames(): Iterable<string>;
}

/** A header on its way upstream. */
export interface BuiltHeader {
  readonly value: string;
  /** A rule names this very header, so it outranks what Nexus sets itself. */
  readonly explicit: boolean;
  /** The value is the client's own. */
  readonly fromClient: boolean;
}

/** Headers by lower-case name, in the order they were set. */
export type HeaderSet = Map<string, BuiltHeader>;

/** They describe the client's connection or the client's body, which are not ours. */
const NEVER_FORWARDED: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-ranges',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'origin',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Credentials leave only where the configuration spells them out, never because a pattern happens to match. */
const NEVER_BY_PATTERN: ReadonlySet<string> = new Set([
  'api-key',
  'authorization',
  'cookie',
  'x-api-key',
  'x-goog-api-key',
  'x-provider-api-key',
]);

/** Patterns come from the configuration, names from anyone: a longer one is no header a rule can mean. */
const LONGEST_MATCHED_NAME = 128;

/** Whether a client's header of this (lower-case) name stays behind whatever the rules say. */
export function isNeverForwarded(name: string): boolean {
  return NEVER_FORWARDED.has(name) || name.startsWith('sec-websocket-');
}

/** Applies `rules` in their order to `headers`. */
export function applyHeaderRules(rules: readonly HeaderRule[], client: ClientHeaders, headers: HeaderSet): void {
  for (const rule of rules) {
    switch (rule.rule) {
      case 'insert':
        headers.set(rule.name, { value: rule.value.reveal(), explicit: true, fromClient: false });
        break;
      case 'remove':
        remove(rule, headers);
        break;
      case 'rename_duplicate':
        if (isForwardable(rule.name, client)) {
          const found = clientValue(rule.name, rule.default, client);
          if (found !== undefined) headers.set(rule.name, found).set(rule.rename, found);
        }
        break;
      case 'forward':
        if (rule.pattern !== undefined) forwardMatching(rule.pattern, rule.rename, client, headers);
        else if (rule.name !== undefined && isForwardable(rule.name, client)) {
          headers.delete(rule.name);
          const found = clientValue(rule.name, rule.default, client);
          if (found !== undefined) headers.set(rule.rename ?? rule.name, found);
        }
    }
  }
}

function remove({ name, pattern }: Extract<HeaderRule, { rule: 'remove' }>, headers: HeaderSet): void {
  if (name !== undefined) headers.delete(name);
  if (pattern === undefined) return;
  for (const built of [...headers.keys()]) if (matches(pattern, built)) headers.delete(built);
}

function forwardMatching(pattern: RegExp, rename: string | undefined, client: ClientHeaders, headers: HeaderSet): void {
  const values: string[] = [];
  for (const name of client.headerNames()) {
    if (NEVER_BY_PATTERN.has(name) || name.startsWith('x-nexus-') || !matches(pattern, name)) continue;
    if (!isForwardable(name, client)) continue;
    const value = client.header(name);
    if (value === undefined) continue;
    if (rename === undefined) headers.set(name, { value, explicit: false, fromClient: true });
    else values.push(value);
  }
  if (rename !== undefined && values.length > 0) {
    headers.set(rename, { value: values.join(', '), explicit: true, fromClient: true });
  }
}

function clientValue(name: string, standard: string | undefined, client: ClientHeaders): BuiltHeader | undefined {
  const own = client.header(name);
  const value = own ?? standard;
  return value === undefined ? undefined : { value, explicit: true, fromClient: own !== undefined };
}

/** Headers that `connection` names belong to the client's connection alone. */
function isForwardable(name: string, client: ClientHeaders): boolean {
  if (isNeverForwarded(name)) return false;
  const connection = client.header('connection');
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return true;
  return !connection
    .toLowerCase()
    .split(',')
    .some((named) => named.trim() === name);
}

function matches(pattern: RegExp, name: string): boolean {
  return name.length <= LONGEST_MATCHED_NAME && pattern.test(name);
}
