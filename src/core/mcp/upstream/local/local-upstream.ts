// Functions of this process as an MCP server: no transport, no serialization, the same rules.
import type { CallContext } from '../../caller.ts';
import { type JsonObject, JsonRpcError } from '../../wire/json-rpc.ts';
import { isObject } from '../../wire/message.ts';
import { CODES } from '../../wire/revision.ts';
import { problemOf } from '../link-failure.ts';
import { EMPTY_CATALOGUE } from '../lists.ts';
import type { LocalTool, ToolContext } from '../local-tool.ts';
import { OngoingCall } from '../ongoing-call.ts';
import type { Catalogue, Upstream, UpstreamState } from '../upstream.ts';
import { type CompiledInput, compileInput } from './tool-input.ts';

export const LOCAL = 'local';
const CALL_MS = 60_000;

interface Offered {
  readonly tool: LocalTool;
  readonly input: CompiledInput;
}

export class LocalUpstream implements Upstream {
  readonly name = LOCAL;
  readonly #tools = new Map<string, Offered>();
  readonly #opening: Promise<void>;
  readonly #onBroken: (tool: string, problem: string) => void;
  #catalogue: Catalogue = EMPTY_CATALOGUE;
  #closed = false;
  #isReady = false;

  /** `onBroken` is told of tools whose schema cannot be used; they are not offered. */
  constructor(tools: Readonly<Record<string, LocalTool>>, onBroken: (tool: string, problem: string) => void) {
    this.#onBroken = onBroken;
    this.#opening = this.#compile(tools);
  }

  get state(): UpstreamState {
    return this.#closed ? 'closed' : this.#isReady ? 'ready' : 'starting';
  }

  get problem(): undefined {
    return undefined;
  }

  get toolCount(): number {
    return this.#catalogue.tools.length;
  }

  async catalogue(): Promise<Catalogue> {
    await this.#opening;
    return this.#catalogue;
  }

  async request(method: string, params: JsonObject, context: CallContext): Promise<JsonObject> {
    if (method === 'ping') return {};
    if (method !== 'tools/call') throw new JsonRpcError(CODES.methodNotFound, 'Method not found');
    await this.#opening;
    const { name, arguments: args } = params;
    const offered = typeof name === 'string' ? this.#tools.get(name) : undefined;
    if (offered === undefined || this.#closed) throw new JsonRpcError(CODES.methodNotFound, 'There is no such tool');
    const checked = await offered.input.check(args ?? {});
    if ('problem' in checked) throw new JsonRpcError(CODES.invalidParams, `Invalid arguments: ${checked.problem}`);
    const call = new OngoingCall(context, CALL_MS);
    try {
      return await raceAbort(run(offered.tool, checked.value, call), call.signal);
    } finally {
      call.end();
    }
  }

  async subscribe(): Promise<() => void> {
    throw new JsonRpcError(CODES.methodNotFound, 'Method not found');
  }

  setLogLevel(): void {}

  onChange(): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  async #compile(tools: Readonly<Record<string, LocalTool>>): Promise<void> {
    const listed: JsonObject[] = [];
    for (const [name, tool] of Object.entries(tools)) {
      try {
        const input = await compileInput(tool.input);
        this.#tools.set(name, { tool, input });
        listed.push(describeTool(name, tool, input.schema));
      } catch (error) {
        this.#onBroken(name, error instanceof Error ? error.message : problemOf(error));
      }
    }
    this.#catalogue = { ...EMPTY_CATALOGUE, tools: listed, capabilities: { tools: {} } };
    this.#isReady = true;
  }
}

function describeTool(name: string, tool: LocalTool, inputSchema: JsonObject): JsonObject {
  const { title, description, outputSchema, annotations } = tool;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

async function run(tool: LocalTool, args: unknown, call: OngoingCall): Promise<JsonObject> {
  const { caller, onProgress, requestId } = call.context;
  const context: ToolContext = {
    principal: caller.principal,
    signal: call.signal,
    requestId,
    progress: (update) => onProgress?.({ ...update }),
  };
  try {
    return asResult(await tool.run(args, context));
  } catch (error) {
    if (error instanceof JsonRpcError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { content: [{ type: 'text', text: message }], isError: true };
  }
}

/** What a function returned → the result of a call. */
export function asResult(value: unknown): JsonObject {
  if (isObject(value) && Array.isArray(value['content'])) return value;
  if (value === undefined || value === null) return { content: [] };
  if (typeof value === 'string') return { content: [{ type: 'text', text: value }] };
  const text = JSON.stringify(value) ?? String(value);
  const content = [{ type: 'text', text }];
  return isObject(value) ? { content, structuredContent: value } : { content };
}

function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
