import type { Buffer } from 'node:buffer';
import type { Sticky } from '../../config/resolve-routes.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Exchange } from '../../exchange/exchange.ts';
import type { EndpointContext } from '../../http/endpoint.ts';
import { textOf } from '../../http/text.ts';
import type { JsonObject } from '../canonical/request.ts';
import { estimateBody } from '../metering/body-tokens.ts';
import { type Needs, needsOf } from './needs.ts';
import type { Judgement, judgeText } from './smart/judge-text.ts';
import { lastUserText } from './smart/last-user-text.ts';

/** What a request for a route is known by. */
export interface RoutedCall {
  readonly exchange: Exchange;
  readonly context: EndpointContext;
  readonly bytes: Buffer;
  readonly request: JsonObject;
  readonly model: string;
  readonly stream: boolean;
  /** Unix milliseconds. */
  readonly time: number;
}

/** What a caller may say is most important to it. */
export type Priority = 'latency' | 'cost' | 'quality';

/** Members that say how long an answer may be, in all dialects. */
const OUTPUT_LIMITS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** A request as routes look at it. Everything is worked out when it is first asked for: most routes ask for nothing. */
export class RoutedRequest {
  readonly stream: boolean;
  /** What `X-Nexus-Priority` says. */
  readonly priority: Priority | undefined;
  readonly #call: RoutedCall;
  #inputTokens: number | undefined;
  #needs: Needs | undefined;
  #judgement: Judgement | undefined;

  /** Throws `invalid_request` for a priority that does not exist. */
  constructor(call: RoutedCall) {
    this.#call = call;
    this.stream = call.stream;
    this.priority = priorityOf(call.exchange.header('x-nexus-priority'));
  }

  /** Bytes of the body; no token has less than one. */
  get size(): number {
    return this.#call.bytes.length;
  }

  /** What the model would read, estimated. */
  get inputTokens(): number {
    this.#inputTokens ??= estimateBody(textOf(this.#call.bytes));
    return this.#inputTokens;
  }

  /** The longest answer the client wants. */
  get maxTokens(): number | undefined {
    const { request } = this.#call;
    for (const name of OUTPUT_LIMITS) if (typeof request[name] === 'number') return request[name];
    const { generationConfig } = request;
    const limit = isTable(generationConfig) ? generationConfig['maxOutputTokens'] : undefined;
    return typeof limit === 'number' ? limit : undefined;
  }

  get needs(): Needs {
    this.#needs ??= needsOf(this.#call.request);
    return this.#needs;
  }

  /** What the user said last, at most `longest` characters of it; empty where nothing was said. */
  userText(longest: number): string {
    return lastUserText(this.#call.request, longest);
  }

  /** What it asks for, as far as `judge` can tell by the text of it; `undefined` where there is none. */
  judgement(judge: typeof judgeText): Judgement | undefined {
    const { needs, size } = this;
    this.#judgement ??= judge(this.userText(LOOKED_AT), { needs, size, tools: toolCount(this.#call.request) });
    return this.#judgement;
  }

  /** Whose call it is, in the sense of a route; `undefined` when nothing tells. */
  unit(sticky: Sticky): string | undefined {
    if (sticky === 'none') return undefined;
    if (typeof sticky === 'object') return this.#call.exchange.header(sticky.header);
    if (sticky === 'user') return this.#user();
    if (sticky === 'key') return this.#key();
    if (sticky === 'session') return this.#session();
    return this.#user() ?? this.#key() ?? this.#call.context.record.id;
  }

  /** A field that a condition names. */
  field(path: string): unknown {
    const dot = path.indexOf('.');
    const name = path.slice(dot + 1);
    switch (path.slice(0, dot)) {
      case 'request':
        return this.#requestField(name);
      case 'headers':
        return this.#call.exchange.header(name);
      case 'metadata': {
        const { metadata } = this.#call.request;
        return isTable(metadata) && Object.hasOwn(metadata, name) ? metadata[name] : undefined;
      }
      case 'subject':
        return this.#subject(name);
      case 'time': {
        const time = new Date(this.#call.time);
        return name === 'hour' ? time.getUTCHours() : WEEKDAYS[time.getUTCDay()];
      }
      default:
        return undefined;
    }
  }

  #requestField(name: string): unknown {
    switch (name) {
      case 'model':
        return this.#call.model;
      case 'stream':
        return this.stream;
      case 'priority':
        return this.priority;
      case 'input_tokens':
        return this.inputTokens;
      case 'max_tokens':
        return this.maxTokens;
      case 'has_tools':
        return this.needs.has('tools');
      case 'has_images':
        return this.needs.has('images');
      case 'endpoint':
        return this.#call.context.record.endpoint;
      default:
        return undefined;
    }
  }

  #subject(name: string): unknown {
    const { principal } = this.#call.context;
    if (principal === undefined) return undefined;
    if (name === 'id') return principal.id;
    if (name === 'group') return principal.group;
    return Object.hasOwn(principal.claims, name) ? principal.claims[name] : undefined;
  }

  #user(): string | undefined {
    const { context, request } = this.#call;
    if (context.principal !== undefined) return context.principal.id;
    const { metadata, safety_identifier, user } = request;
    const named = user ?? safety_identifier ?? (isTable(metadata) ? metadata['user_id'] : undefined);
    return typeof named === 'string' && named !== '' ? named : undefined;
  }

  #key(): string | undefined {
    const { exchange } = this.#call;
    return exchange.header('authorization') ?? exchange.header('x-api-key') ?? exchange.header('x-goog-api-key');
  }

  #session(): string | undefined {
    const { exchange, request } = this.#call;
    const { metadata, prompt_cache_key } = request;
    const given = exchange.header('x-session-id') ?? prompt_cache_key;
    const named = given ?? (isTable(metadata) ? (metadata['session_id'] ?? metadata['user_id']) : undefined);
    return typeof named === 'string' && named !== '' ? named : undefined;
  }
}

/** So much of a text is judged: the time it takes has a bound, whatever is sent. */
const LOOKED_AT = 2000;

function priorityOf(header: string | undefined): Priority | undefined {
  if (header === undefined) return undefined;
  const stated = header.trim().toLowerCase();
  if (stated === 'latency' || stated === 'cost' || stated === 'quality') return stated;
  throw new NexusError('invalid_request', 'The header X-Nexus-Priority must be latency, cost or quality', {
    param: 'X-Nexus-Priority',
  });
}

/** Google's tools hold several functions each. */
function toolCount({ tools }: JsonObject): number {
  if (!Array.isArray(tools)) return 0;
  let count = 0;
  for (const tool of tools) {
    const declared: unknown = isTable(tool) ? tool['functionDeclarations'] : undefined;
    count += Array.isArray(declared) ? declared.length : 1;
  }
  return count;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
