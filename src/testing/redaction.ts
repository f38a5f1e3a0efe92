// Keeping secrets out of what is recorded.
import { isObject } from './json-value.ts';
import { matchesGlob } from './rulebook.ts';

export const REDACTED = 'REDACTED';

/** Headers, parameters and members that hold secrets by their name. */
const SECRET =
  /^(?:(?:proxy-)?authorization|cookie|set-cookie|key|sig|signature|x-amz-signature|x-amz-credential)$|api[-_]?key|(?:access|refresh|id|session|security|auth)[-_]?token|(?:client|secret|private)[-_]?(?:secret|key|assertion)|access[-_]?key|password/i;
const SCHEME = /^(?:Bearer|Basic|AWS4-HMAC-SHA256)\s+/i;
/** Shorter values would be found in innocent text. */
const SHORTEST = 8;

/** Path and query, which is written in one way whatever the client's was. */
export function pathOf({ pathname, searchParams }: URL, keep = (_name: string, value: string) => value): string {
  const query = [...searchParams].map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(keep(name, value))}`,
  );
  return query.length === 0 ? pathname : `${pathname}?${query.join('&')}`;
}

/** Whether a text is what was recorded; what was taken out there may be anything here. */
export function fitsRecorded(recorded: string, text: string): boolean {
  return recorded.includes(REDACTED) ? matchesGlob(recorded.replaceAll(REDACTED, '*'), text) : recorded === text;
}

/** Takes secrets out: those of one exchange by their names, and from then on wherever else they stand. */
export class Redaction {
  readonly #known: Set<string>;

  /** `secrets` are taken out everywhere. */
  constructor(secrets: readonly string[]) {
    this.#known = new Set(secrets.filter((secret) => secret !== ''));
  }

  headers(headers: Headers): Record<string, string> {
    const kept: Record<string, string> = {};
    for (const [name, value] of headers) kept[name] = SECRET.test(name) ? this.#learn(value) : this.text(value);
    return kept;
  }

  path(url: URL): string {
    return this.text(pathOf(url, (name, value) => (SECRET.test(name) ? this.#learn(value) : value)));
  }

  /** A copy of a JSON value. */
  json(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.json(item));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        typeof item === 'string' && SECRET.test(name) ? this.#learn(item) : this.json(item),
      ]),
    );
  }

  /** A form's fields, `application/x-www-form-urlencoded`. */
  form(text: string): string {
    const fields = [...new URLSearchParams(text)].map(([name, value]): [string, string] => [
      name,
      SECRET.test(name) ? this.#learn(value) : value,
    ]);
    return this.text(new URLSearchParams(fields).toString());
  }

  text(text: string): string {
    let kept = text;
    for (const secret of this.#known) kept = kept.replaceAll(secret, REDACTED);
    return kept;
  }

  #learn(secret: string): string {
    const bare = secret.replace(SCHEME, '');
    if (bare.length >= SHORTEST) this.#known.add(bare);
    return REDACTED;
  }
}
