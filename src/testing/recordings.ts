// Recorded exchanges with real providers, one JSON file each.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NexusError } from '../core/index.ts';

/** A request that a client once sent, and what the provider answered. */
export interface RecordedExchange {
  readonly id: string;
  /** Where the recording comes from, and under which licence. */
  readonly source: { readonly repo: string; readonly commit: string; readonly path: string; readonly license: string };
  /** Exchanges of the same conversation were made in the order of `index`. */
  readonly conversation: string;
  readonly index: number;
  readonly provider: string;
  /** The provider's name for the call: `chat.completions`, `messages`. */
  readonly api: string;
  readonly stream: boolean;
  readonly model: string | null;
  /** null where only the answer was recorded. */
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  } | null;
  /** The body is one of: `body` (JSON), `text` (a stream as it was), `base64` (bytes of a binary stream). */
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly text?: string;
    readonly base64?: string;
  };
  /** What occurs in it: `tools`, `tool_call`, `system`, … */
  readonly features: readonly string[];
}

/**
 * The exchanges in the JSON files of a directory and below it, sorted by path.
 * Throws a NexusError for a file that is no recorded exchange.
 */
export async function readRecordings(
  directory: string,
  filter: (exchange: RecordedExchange) => boolean = () => true,
): Promise<RecordedExchange[]> {
  const entries = await readdir(directory, { recursive: true });
  const files = entries.filter((name) => name.endsWith('.json')).sort();
  const exchanges = await Promise.all(files.map((name) => readExchange(join(directory, name))));
  return exchanges.filter(filter);
}

async function readExchange(file: string): Promise<RecordedExchange> {
  const exchange = JSON.parse(await readFile(file, 'utf8')) as Partial<RecordedExchange> | null;
  if (typeof exchange?.id !== 'string' || typeof exchange.response?.status !== 'number') {
    throw new NexusError('invalid_request', `${file} is not a recorded exchange: it needs an id and a response`);
  }
  return exchange as RecordedExchange;
}

/** The body of the recorded answer, byte for byte; a JSON body is written without spaces. */
export function responseBytes({ response }: Pick<RecordedExchange, 'response'>): Uint8Array {
  if (response.text !== undefined) return Buffer.from(response.text);
  if (response.base64 !== undefined) return Buffer.from(response.base64, 'base64');
  return response.body === undefined ? new Uint8Array(0) : Buffer.from(JSON.stringify(response.body));
}
