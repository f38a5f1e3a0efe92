// Writing down what goes between Nexus and its upstreams, so that a test can have it again without them.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Fetch, NexusError } from '../core/index.ts';
import type { RecordedExchange } from './recordings.ts';
import { Redaction } from './redaction.ts';

/** One exchange with an upstream; its answer is kept as in a `RecordedExchange`. */
export interface CapturedExchange {
  readonly request: {
    readonly method: string;
    /** Scheme, host and port. */
    readonly origin: string;
    /** Path and query. */
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** The JSON value of the body, or its text; absent where there was none. */
    readonly body?: unknown;
  };
  readonly response: RecordedExchange['response'];
  readonly stream: boolean;
  /** The body broke off, or whoever read it left before its end. */
  readonly truncated?: true;
}

export interface RecorderOptions {
  /** Reaches the upstreams. Default: the platform's `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Texts to take out wherever they stand. Those in headers, parameters and members that are known to hold secrets are anyway. */
  readonly secrets?: readonly string[] | undefined;
}

export interface Recorder {
  /** For `createNexus(config, { fetch: recorder.fetch })`, or as any `fetch`. */
  readonly fetch: Fetch;
  /** What has been recorded, in the order of the requests. */
  readonly exchanges: readonly CapturedExchange[];
  /** Writes all of it to a file, as JSON. Rejects with `invalid_request` while an exchange is under way. */
  save(file: string): Promise<void>;
}

/** True only of this transport: what was read has been unpacked already. */
const TRANSPORT_HEADERS = ['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'date'];

/** Makes a recorder. Failures to reach an upstream are thrown on, and not recorded. */
export function createRecorder({ fetch = globalThis.fetch, secrets = [] }: RecorderOptions = {}): Recorder {
  const redaction = new Redaction(secrets);
  const captured: (CapturedExchange | undefined)[] = [];
  const recorder: Recorder = {
    async fetch(url, init) {
      const request = new Request(url, init);
      const text = request.body === null ? undefined : await request.clone().text();
      const response = await fetch(url, init);
      const place = captured.push(undefined) - 1;
      const asked = { request: redactRequest(redaction, request, text) };
      return watch(response, (bytes, whole) => {
        const answered = redactResponse(redaction, response, bytes);
        captured[place] = { ...asked, ...answered, ...(whole ? {} : { truncated: true }) };
      });
    },
    get exchanges() {
      return captured.filter((exchange) => exchange !== undefined);
    },
    async save(file) {
      const { exchanges } = recorder;
      const open = captured.length - exchanges.length;
      if (open > 0) throw new NexusError('invalid_request', `${open} exchanges are still under way; save them later`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${JSON.stringify(exchanges, null, 2)}\n`);
    },
  };
  return recorder;
}

/** The same response; `onEnd` gets its bytes before whoever reads it learns of the end. */
function watch(response: Response, onEnd: (bytes: Uint8Array, whole: boolean) => void): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) {
    onEnd(new Uint8Array(0), true);
    return response;
  }
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          chunks.push(value);
          controller.enqueue(value);
          return;
        }
        onEnd(Buffer.concat(chunks), true);
        controller.close();
      } catch (error) {
        onEnd(Buffer.concat(chunks), false);
        controller.error(error);
      }
    },
    async cancel(reason) {
      onEnd(Buffer.concat(chunks), false);
      await reader.cancel(reason);
    },
  });
  return new Response(watched, { status, statusText, headers });
}

function redactRequest(redaction: Redaction, request: Request, text: string | undefined): CapturedExchange['request'] {
  const url = new URL(request.url);
  // Headers first: what is secret there may stand in the body again.
  const headers = redaction.headers(request.headers);
  const { method } = request;
  const asked = { method, origin: url.origin, path: redaction.path(url), headers };
  if (text === undefined) return asked;
  return { ...asked, body: redactBody(redaction, request.headers.get('content-type') ?? '', text) };
}

function redactBody(redaction: Redaction, type: string, text: string): unknown {
  if (type.startsWith('application/x-www-form-urlencoded')) return redaction.form(text);
  const value = parse(text);
  return value === undefined ? redaction.text(text) : redaction.json(value);
}

function redactResponse(redaction: Redaction, { status, headers: given }: Response, bytes: Uint8Array) {
  const headers = redaction.headers(given);
  for (const name of TRANSPORT_HEADERS) delete headers[name];
  const type = given.get('content-type') ?? '';
  const stream = type.startsWith('text/event-stream') || type.includes('eventstream');
  const text = decode(bytes);
  if (text === undefined)
    return { response: { status, headers, base64: Buffer.from(bytes).toString('base64') }, stream };
  return { response: { status, headers, ...redactText(redaction, text, stream ? undefined : parse(text)) }, stream };
}

/** As JSON where that is easy to read and gives the same bytes again, or where something had to be taken out. */
function redactText(redaction: Redaction, text: string, value: unknown): { body: unknown } | { text: string } {
  const body = redaction.json(value);
  const same = JSON.stringify(value) === text;
  return value !== undefined && (same || !isDeepStrictEqual(body, value)) ? { body } : { text: redaction.text(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined for bytes that are no text. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
