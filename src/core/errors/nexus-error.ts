import { ERROR_RULES, type ErrorCode } from './codes.ts';

const BRAND = Symbol.for('nexus-ai.error');

export interface NexusErrorOptions {
  /** HTTP status, where it differs from the code's usual one. */
  status?: number;
  /** The field of the request that is wrong, as a path in the caller's body: `messages[2].content`. */
  param?: string;
  /** The upstream's own machine code, for example `context_length_exceeded`. */
  upstreamCode?: string;
  /** The upstream's own error body, when it already is in the caller's dialect and may leave untouched. */
  upstreamBody?: Uint8Array;
  /** JSON text of the whole answer, in the form of a standard that outranks the caller's dialect. */
  body?: string;
  /** Response headers the answer must carry, names in lower case and values in turn: `retry-after`, rate limits. */
  headers?: readonly string[];
  /** What the message says, as data: the issues of `config_invalid`. Never sent to clients. */
  details?: unknown;
  cause?: unknown;
}

/**
 * The one error Nexus throws. Recognise it with `NexusError.is(x)`, never `instanceof`: the ESM and the CJS copy of the
 * package may meet in one process.
 */
export class NexusError extends Error {
  readonly code: ErrorCode;
  /** The page about this code inside the package: what it means, and what to do. */
  readonly help: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly param: string | undefined;
  readonly upstreamCode: string | undefined;
  readonly upstreamBody: Uint8Array | undefined;
  readonly body: string | undefined;
  readonly headers: readonly string[] | undefined;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: NexusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'NexusError';
    this.code = code;
    this.help = `nexus-ai/docs/errors/${code}.md`;
    const rule = ERROR_RULES[code];
    this.status = options.status ?? rule.status;
    this.retryable = rule.retryable;
    this.param = options.param;
    this.upstreamCode = options.upstreamCode;
    this.upstreamBody = options.upstreamBody;
    this.body = options.body;
    this.headers = options.headers;
    this.details = options.details;
    Object.defineProperty(this, BRAND, { value: true });
  }

  static is(value: unknown): value is NexusError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
