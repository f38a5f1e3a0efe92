// The keys of an authorization server: fetched when they are needed, kept when they cannot be fetched anew.
import type { Fetch } from '../../http/fetch-transport.ts';
import type { Logger } from '../../runtime/logger.ts';

export interface KeySetOptions {
  /** The only address that is ever asked, whatever a token says. */
  readonly url: string;
  /** Milliseconds a fetched set counts; absent: until a key is missing in it. */
  readonly pollInterval: number | undefined;
  readonly fetch: Fetch;
  /** Monotonic clock, milliseconds. */
  readonly elapsed: () => number;
  readonly logger: Logger;
}

/** `jwks` is a JWK set (RFC 7517); its members are not judged yet. */
export interface Keys {
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] };
}

const FETCH_TIMEOUT_MS = 5000;
/** Kept keys are used rather than waited for longer than this. */
const PATIENCE_MS = 1000;
const COOL_DOWN_MS = 30_000;
const FIRST_RETRY_MS = 250;
const LARGEST_BYTES = 1024 * 1024;

export class KeySet {
  readonly #options: KeySetOptions;
  readonly #stop = new AbortController();
  readonly #onChange: (() => void)[] = [];
  #keys: Keys | undefined;
  #text = '';
  #loadedAt = 0;
  #failures = 0;
  /** No fetch before this time. */
  #restUntil = Number.NEGATIVE_INFINITY;
  #missedUntil = Number.NEGATIVE_INFINITY;
  #loading: Promise<void> | undefined;
  /** Ends with the fetch, or when callers have waited for it long enough. */
  #patience: Promise<void> | undefined;

  constructor(options: KeySetOptions) {
    this.#options = options;
  }

  /** Called when other keys have come into force. */
  onChange(listener: () => void): void {
    this.#onChange.push(listener);
  }

  /** A promise where keys that were fetched too long ago are being fetched anew; it never rejects. */
  refreshIfDue(): Promise<void> | undefined {
    const { pollInterval, elapsed } = this.#options;
    if (pollInterval === undefined || this.#keys === undefined) return undefined;
    const now = elapsed();
    if (now - this.#loadedAt < pollInterval || now < this.#restUntil) return undefined;
    if (this.#loading === undefined) this.#load();
    return this.#patience;
  }

  /** The keys that hold now; `undefined` where there never were any. */
  async current(): Promise<Keys | undefined> {
    await this.refreshIfDue();
    if (this.#keys === undefined) {
      if (this.#loading === undefined && this.#options.elapsed() >= this.#restUntil) this.#load();
      await this.#loading;
    }
    return this.#keys;
  }

  /** Looks for newer keys than `seen`, in which one was missing; at most once in 30 seconds. `undefined`: there are none. */
  async after(seen: Keys): Promise<Keys | undefined> {
    if (this.#keys === seen) {
      const now = this.#options.elapsed();
      if (this.#loading === undefined && now >= this.#missedUntil && now >= this.#restUntil) {
        this.#missedUntil = now + COOL_DOWN_MS;
        this.#load();
      }
      await this.#loading;
    }
    return this.#keys === seen ? undefined : this.#keys;
  }

  close(): void {
    this.#stop.abort();
  }

  /** One fetch at a time; never rejects. */
  #load(): void {
    const loading = this.#refresh().finally(() => {
      this.#loading = undefined;
      this.#patience = undefined;
    });
    this.#loading = loading;
    this.#patience = withPatience(loading).finally(() => {
      // Whoever comes now does not wait.
      if (this.#loading === loading) this.#patience = undefined;
    });
  }

  async #refresh(): Promise<void> {
    const { elapsed, logger } = this.#options;
    try {
      const text = await this.#fetchText();
      if (text !== this.#text || this.#keys === undefined) {
        this.#keys = { jwks: readKeySet(text) };
        this.#text = text;
        for (const listener of this.#onChange) listener();
      }
      this.#loadedAt = elapsed();
      this.#failures = 0;
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const rest = this.#keys === undefined ? FIRST_RETRY_MS * 2 ** this.#failures : COOL_DOWN_MS;
      this.#restUntil = elapsed() + Math.min(rest, COOL_DOWN_MS);
      this.#failures++;
      const kept = this.#keys === undefined ? '' : '; the last ones are kept';
      logger.error(`The keys of the authorization server cannot be fetched${kept}`, { error });
    }
  }

  async #fetchText(): Promise<string> {
    const { url, fetch } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    // A redirect would make another server the one that decides.
    const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } });
    if (response.status !== 200) {
      void response.body?.cancel().catch(() => {});
      throw new Error(`the answer has the status ${response.status}`);
    }
    return readText(response);
  }
}

async function withPatience(loading: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([loading, enough]);
  clearTimeout(timer);
}

async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > LARGEST_BYTES) {
      void reader.cancel().catch(() => {});
      throw new Error(`the answer is larger than ${LARGEST_BYTES} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

function readKeySet(text: string): Keys['jwks'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the answer is not JSON');
  }
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  if (!Array.isArray(keys)) throw new Error('the answer is not a key set');
  // What is no key is no reason to do without the others.
  return { keys: keys.filter((key) => typeof key === 'object' && key !== null && !Array.isArray(key)) };
}
