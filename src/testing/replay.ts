// Having recorded exchanges again: a `fetch` that answers what was asked before, and refuses anything else.
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Fetch, NexusError } from '../core/index.ts';
import { isObject } from './json-value.ts';
import type { CapturedExchange } from './recorder.ts';
import { responseBytes } from './recordings.ts';
import { fitsRecorded, pathOf } from './redaction.ts';

export interface Replay {
  /** For `createNexus(config, { fetch: replay.fetch })`, or as any `fetch`. */
  readonly fetch: Fetch;
  /** Exchanges that nobody has asked for yet. */
  readonly left: readonly CapturedExchange[];
  /** What was asked for and not recorded, in words. */
  readonly misses: readonly string[];
  /** Throws `invalid_request` where something was asked for that is not recorded, or something recorded was not asked for. */
  done(): void;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/**
 * Reads what `recorder.save(file)` wrote. Each exchange answers once, to a request of the same method, path, query and body
 * (as a JSON value; what was taken out of the recording may be anything); where there are several, in their order. Headers and hosts do not count: keys and ports differ. A
 * request that fits none gets a 400 that says what differs from the nearest one, and is a miss.
 */
export async function openReplay(file: string): Promise<Replay> {
  const recorded: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(recorded) || !recorded.every(isCaptured)) {
    throw new NexusError('invalid_request', `${file} is no recording: it needs a list of exchanges`);
  }
  const left: CapturedExchange[] = [...recorded];
  const misses: string[] = [];
  return {
    left,
    misses,
    async fetch(url, init) {
      const asked = await readRequest(new Request(url, init));
      const place = left.findIndex((exchange) => differences(exchange.request, asked).length === 0);
      const [found] = place < 0 ? [] : left.splice(place, 1);
      if (found !== undefined) return respond(found);
      const miss = describeMiss(asked, left);
      misses.push(miss);
      const error = { type: 'invalid_request_error', message: miss, param: null, code: null };
      return Response.json({ type: 'error', error }, { status: 400 });
    },
    done() {
      const unused = left.map(({ request: { method, path } }) => `Nobody asked for ${method} ${path}`);
      const problems = [...misses, ...unused];
      if (problems.length > 0) throw new NexusError('invalid_request', problems.join('\n'));
    },
  };
}

function isCaptured(value: unknown): value is CapturedExchange {
  if (!isObject(value)) return false;
  const { request, response } = value;
  return (
    isObject(request) &&
    typeof request['path'] === 'string' &&
    isObject(response) &&
    typeof response['status'] === 'number'
  );
}

async function readRequest(request: Request): Promise<Asked> {
  const text = request.body === null ? undefined : await request.text();
  return { method: request.method, path: pathOf(new URL(request.url)), body: parse(text) };
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Where two requests differ, as paths; none where they are the same. */
function differences(recorded: CapturedExchange['request'], asked: Asked): string[] {
  const found: string[] = [];
  if (recorded.method !== asked.method) found.push(`method is ${asked.method}, recorded ${recorded.method}`);
  if (!fitsRecorded(recorded.path, asked.path)) found.push(`path is ${asked.path}, recorded ${recorded.path}`);
  compare('body', recorded.body, asked.body, found);
  return found;
}

function compare(place: string, recorded: unknown, asked: unknown, found: string[]): void {
  if (isDeepStrictEqual(recorded, asked)) return;
  if (typeof recorded === 'string' && typeof asked === 'string' && fitsRecorded(recorded, asked)) return;
  if (Array.isArray(recorded) && Array.isArray(asked) && recorded.length === asked.length) {
    for (const [index, item] of recorded.entries()) compare(`${place}[${index}]`, item, asked[index], found);
    return;
  }
  if (!isObject(recorded) || !isObject(asked)) {
    found.push(`${place} is ${brief(asked)}, recorded ${brief(recorded)}`);
    return;
  }
  for (const name of new Set([...Object.keys(recorded), ...Object.keys(asked)])) {
    compare(`${place}.${name}`, recorded[name], asked[name], found);
  }
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function describeMiss(asked: Asked, left: readonly CapturedExchange[]): string {
  const head = `No recorded exchange is left for ${asked.method} ${asked.path}`;
  const nearest = left.map(({ request }) => differences(request, asked)).sort((a, b) => a.length - b.length)[0];
  return nearest === undefined ? `${head}; all have been used` : `${head}; the nearest differs: ${nearest.join('; ')}`;
}

function respond(exchange: CapturedExchange): Response {
  const { status, headers } = exchange.response;
  const bytes = responseBytes(exchange);
  if (status === 204 || status === 304) return new Response(null, { status, headers });
  if (exchange.truncated !== true) return new Response(Buffer.from(bytes), { status, headers });
  let sent = false;
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) controller.error(new TypeError('The recording ends here'));
      else controller.enqueue(bytes);
      sent = true;
    },
  });
  return new Response(broken, { status, headers });
}
