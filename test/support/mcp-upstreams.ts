/*
 * Opens MCP upstreams as the gateway does, from a configuration, and speaks to them as one of its callers.
 */
import { parseConfig } from '../../src/core/config/parse.ts';
import type { NexusConfig } from '../../src/core/config/types.ts';
import type { CallContext, Caller } from '../../src/core/mcp/caller.ts';
import { openUpstreams, type UpstreamOptions } from '../../src/core/mcp/upstream/open.ts';
import type { Upstream } from '../../src/core/mcp/upstream/upstream.ts';
import type { JsonObject } from '../../src/core/mcp/wire/json-rpc.ts';
import { systemRuntime } from '../../src/core/runtime/runtime.ts';

export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

export interface OpenedUpstreams extends AsyncDisposable {
  readonly log: readonly LoggedLine[];
  upstream(name: string): Upstream;
}

export function open(mcp: NexusConfig['mcp'], options: Partial<UpstreamOptions> = {}): OpenedUpstreams {
  const log: LoggedLine[] = [];
  const write = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    log.push({ level, message, fields });
  };
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const { config } = parseConfig({ mcp }, { mcpInCode: true, identifies: true });
  const upstreams = openUpstreams(config.mcp, { logger, runtime: systemRuntime, version: '1.2.3', ...options });
  return {
    log,
    upstream(name) {
      const found = upstreams.find((one) => one.name === name);
      if (found === undefined) throw new Error(`No upstream ${name}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(upstreams.map((one) => one.close()));
    },
  };
}

export function caller(
  scope = 'nobody',
  capabilities: JsonObject = {},
  token?: string,
  claims: JsonObject = {},
): Caller {
  const principal = token === undefined ? undefined : { id: scope, group: undefined, claims, token };
  return { principal, scope, capabilities };
}

export function context(more: Partial<CallContext> = {}): CallContext {
  return { caller: caller(), signal: new AbortController().signal, meta: {}, relayInputRequired: false, ...more };
}

export function callTool(
  upstream: Upstream,
  name: string,
  args: JsonObject = {},
  more: Partial<CallContext> = {},
): Promise<JsonObject> {
  return upstream.request('tools/call', { name, arguments: args }, context(more));
}

/** The first text of a result. */
export function textOf(result: JsonObject): string {
  const [first] = result['content'] as { text: string }[];
  return first?.text ?? '';
}

export async function toolNames(upstream: Upstream, who: Caller = caller()): Promise<string[]> {
  return (await upstream.catalogue(who)).tools.map(({ name }) => String(name));
}

/** Resolves as soon as `look` finds something; the deadline is for failures only. */
export async function eventually<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  within = 10_000,
): Promise<T> {
  const until = performance.now() + within;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > until) throw new Error('It did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
