// The value kinds the configuration knows beyond plain ones: durations, sizes, secrets, URLs, paths, addresses.
import * as z from 'zod';
import { Secret } from '../secret.ts';
import { parseDuration, parseSize } from '../units.ts';

/** Timers of the platform fire at once when asked to wait longer than this. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;
/** A body is held in one buffer. */
const LARGEST_SIZE = 1024 ** 3;

// A configuration is read once: compiling its parser, which also takes `new Function`, costs more than it saves. Said here
// because schemas ask when they are made, and all stand on this file.
z.config({ jitless: true });

/** A table that few configurations have: its schema is made for the first one that has it, which every start gains from. */
export function rare<Schema extends z.ZodType>(build: () => Schema): z.ZodOptional<z.ZodLazy<Schema>> {
  const later = z.lazy(build);
  // Asked of every member of a table; what it would be found out by is making it.
  Object.defineProperty(later._zod, 'optin', { value: undefined });
  Object.defineProperty(later._zod, 'optout', { value: undefined });
  return later.optional();
}

const secretSchemas = new WeakSet<object>();

/** Whether values of this schema must never be shown. */
export function isSecret(schema: object): boolean {
  return secretSchemas.has(schema);
}

/** Marks a schema whose values must never be shown. */
export function hidden<Schema extends object>(schema: Schema): Schema {
  secretSchemas.add(schema);
  return schema;
}

/**
 * What a text must look like, for those who never parse it: the JSON Schema for editors and the reference. Survives
 * descriptions, which copy schemas.
 */
export type TextForm = 'duration' | 'size' | 'url' | 'redis-url' | 'address' | 'path' | 'secret' | 'pattern';

/** Names the form of a schema's texts. */
export function formed<Schema extends z.ZodType>(form: TextForm, schema: Schema): Schema {
  return schema.meta({ form });
}

export function refuse(context: z.core.$RefinementCtx, message: string): never {
  context.addIssue(message);
  return z.NEVER;
}

/** A wait that must end: a duration above zero → milliseconds. */
export function timeout() {
  return duration().transform((milliseconds, context): number =>
    milliseconds === 0 ? refuse(context, 'must be longer than zero') : milliseconds,
  );
}

/** A duration → milliseconds. */
export function duration() {
  const schema = z.union([z.string(), z.number()]).transform((value, context): number => {
    const milliseconds = parseDuration(value);
    if (milliseconds === undefined) return refuse(context, 'must be a duration such as "30s" or "1h30m"');
    if (milliseconds > LONGEST_TIMEOUT) return refuse(context, 'must be shorter than 25 days');
    return milliseconds;
  });
  return formed('duration', schema);
}

/** A size above zero → bytes. */
export function size() {
  const schema = z.union([z.string(), z.number()]).transform((value, context): number => {
    const bytes = parseSize(value);
    if (bytes === undefined) return refuse(context, 'must be a size such as "32MiB" or a whole number of bytes');
    if (bytes === 0) return refuse(context, 'must be larger than zero');
    if (bytes > LARGEST_SIZE) return refuse(context, 'must be at most 1GiB');
    return bytes;
  });
  return formed('size', schema);
}

/** A key or token → `Secret`; an empty one counts as none. */
export function secret() {
  const schema = z.string().transform((value, context): Secret | undefined => {
    const text = value.trim();
    if (text === '') return undefined;
    // It travels in a header: anything but visible ASCII would be refused there, or worse, split the header.
    if (!/^[\x21-\x7e]+$/.test(text)) return refuse(context, 'must not contain blanks or special characters');
    return new Secret(text);
  });
  return hidden(formed('secret', schema));
}

/** An absolute http or https URL to which paths can be added → without trailing slashes. */
export function baseUrl() {
  const schema = z.string().transform((value, context): string => {
    if (!/^\s*https?:\/\//i.test(value) || !URL.canParse(value)) {
      return refuse(context, 'must be an absolute URL that starts with http:// or https://');
    }
    const url = new URL(value);
    if (url.username !== '' || url.password !== '') return refuse(context, 'must not contain a user name or password');
    if (url.search !== '' || url.hash !== '') return refuse(context, 'must not contain a query or a fragment');
    const path = url.pathname.replace(/\/+$/, '');
    return `${url.origin}${path}`;
  });
  return formed('url', schema);
}

/** A path below which endpoints are mounted → `/prefix`; empty at the root. */
export function pathPrefix() {
  const schema = z.string().transform((value, context): string => {
    const path = normalizePath(value);
    return path ?? refuse(context, PATH_RULE);
  });
  return formed('path', schema);
}

/** A path that is an endpoint itself → `/path`. */
export function endpointPath() {
  const schema = z.string().transform((value, context): string => {
    const path = normalizePath(value);
    return path === undefined ? refuse(context, PATH_RULE) : path === '' ? '/' : path;
  });
  return formed('path', schema);
}

const PATH_RULE = 'must be a path of letters, digits and "-._~%", such as "/llm"';

function normalizePath(value: string): string | undefined {
  const path = `/${value.trim()}`.replace(/^\/{1,2}/, '/').replace(/\/$/, '');
  if (path === '') return '';
  if (!/^(?:\/[A-Za-z0-9\-._~%]+)+$/.test(path)) return undefined;
  return path.split('/').some((segment) => segment === '.' || segment === '..') ? undefined : path;
}

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0 asks the system for a free one. */
  readonly port: number;
}

/** `127.0.0.1:8000`, `[::1]:8000`, `localhost:8000`; `undefined` when it is no address. */
export function parseListenAddress(value: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+)):(\d{1,5})$/i.exec(value.trim());
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

export function listenAddress() {
  const schema = z.string().transform((value, context): ListenAddress => {
    return parseListenAddress(value) ?? refuse(context, 'must be an address and a port such as "127.0.0.1:8000"');
  });
  return formed('address', schema);
}
