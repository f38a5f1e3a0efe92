import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../config/parse.ts';
import { FetchTransport } from '../../http/fetch-transport.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { google } from '../providers/google.ts';
import { openai } from '../providers/openai.ts';
import { Provider } from '../providers/provider.ts';
import { Transports } from '../upstream/transports.ts';
import { ProviderModels } from './provider-models.ts';

/** What the provider does with each question. */
type Answer = (init: RequestInit) => Response | Promise<Response>;

let answer: Answer;
let questions: string[];
let lines: string[];
let changes: number;
let open: ProviderModels[];

beforeEach(() => {
  vi.useFakeTimers();
  questions = [];
  lines = [];
  changes = 0;
  open = [];
  answer = lists('a');
});
afterEach(() => {
  for (const models of open) models.close();
  vi.useRealTimers();
});

function lists(...ids: string[]): Answer {
  return () => Response.json({ object: 'list', data: ids.map((id) => ({ id })) });
}

const refuses =
  (status: number): Answer =>
  () =>
    new Response('the key sk-secret-12345 is bad', { status });

const hangs: Answer = ({ signal }) =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

function create(discovery: object = {}, vendor: ProviderDefinition = openai): ProviderModels {
  const { config } = parseConfig({
    llm: { discovery, providers: { p: { type: vendor.kind, apiKey: 'sk-secret-12345' } } },
  });
  const parsed = config.llm.providers['p'];
  if (parsed === undefined) throw new Error('no provider');
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    questions.push(url);
    return answer(init);
  };
  const models = new ProviderModels(new Provider(vendor, parsed), {
    discovery: config.llm.discovery,
    transports: new Transports(async () => new FetchTransport(fetch)),
    logger: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    onChange: () => {
      changes++;
    },
  });
  open.push(models);
  return models;
}

const ids = (models: ProviderModels) => models.models?.map(({ id }) => id);

describe('asking a provider for its models', () => {
  it('starts nothing by itself', async () => {
    const models = create();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([questions, ids(models), vi.getTimerCount()]).toEqual([[], undefined, 0]);
  });

  it('is repeated at the interval, one question at a time', async () => {
    const models = create({ interval: '5m' });
    await Promise.all([models.refresh(), models.refresh(), models.refresh()]);
    expect(questions).toEqual(['https://api.openai.com/v1/models']);
    expect(ids(models)).toEqual(['a']);
    answer = lists('a', 'b');
    await vi.advanceTimersByTimeAsync(299_999);
    expect(questions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(ids(models)).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(3_000_000);
    expect(questions).toHaveLength(12);
    expect([changes, lines]).toEqual([12, []]);
  });

  it('keeps the last good list, complains once, and comes back sooner, then later and later', async () => {
    const models = create({ interval: '10s' });
    await models.refresh();
    answer = refuses(503);
    const times: number[] = [];
    const begun = Date.now();
    for (const wait of [10_000, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      await vi.advanceTimersByTimeAsync(wait - 1);
      const before = questions.length;
      await vi.advanceTimersByTimeAsync(1);
      expect(questions.length - before).toBe(1);
      times.push(Date.now() - begun);
    }
    expect(times.at(-1)).toBe(45_000);
    expect(ids(models)).toEqual(['a']);
    expect(models.failure?.code).toBe('upstream_unavailable');
    answer = lists('c');
    await vi.advanceTimersByTimeAsync(10_000);
    expect([ids(models), models.failure]).toEqual([['c'], undefined]);
    expect(lines).toEqual([
      expect.stringMatching(/^warn: Provider 'p' could not be asked for its models: .*status 503; the last list/),
      "info: Provider 'p' lists its models again",
    ]);
    answer = refuses(500);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(lines).toHaveLength(3);
    expect(changes).toBe(2);
  });

  it('gives up after its deadline, and lets the provider go', async () => {
    let aborted = 0;
    answer = (init) => {
      init.signal?.addEventListener('abort', () => aborted++);
      return hangs(init);
    };
    const models = create({ timeout: '3s' });
    const asking = models.refresh();
    await vi.advanceTimersByTimeAsync(2999);
    expect(models.failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await asking;
    expect([models.failure?.code, aborted]).toEqual(['upstream_timeout', 1]);
  });

  it('reads past a byte order mark', async () => {
    answer = () => new Response('\uFEFF{"data":[{"id":"a"}]}');
    const models = create();
    await models.refresh();
    expect(ids(models)).toEqual(['a']);
  });

  it('gives all pages together one deadline', async () => {
    answer = () =>
      new Promise((resolve) => {
        const page = { models: [{ name: 'models/x' }], nextPageToken: String(questions.length) };
        setTimeout(() => resolve(Response.json(page)), 1000);
      });
    const models = create({ timeout: '2500ms' }, google);
    const asking = models.refresh();
    await vi.advanceTimersByTimeAsync(2499);
    expect([questions.length, models.failure]).toEqual([3, undefined]);
    await vi.advanceTimersByTimeAsync(1);
    await asking;
    expect(models.failure?.code).toBe('upstream_timeout');
  });

  it('follows a list that never ends only so far', async () => {
    answer = () => Response.json({ models: [], nextPageToken: String(questions.length) });
    const models = create({}, google);
    await models.refresh();
    expect([questions.length, models.failure?.code]).toEqual([100, 'upstream_invalid']);
  });

  it('does not ask for the same page again', async () => {
    answer = () => Response.json({ models: [], nextPageToken: 'again' });
    const models = create({}, google);
    await models.refresh();
    expect([questions.length, models.failure?.code]).toEqual([2, 'upstream_invalid']);
  });

  it.each<[string, Answer, string, string?]>([
    ['a refused key', refuses(401), 'upstream_auth'],
    ['a limit', refuses(429), 'upstream_rate_limited'],
    ['no such path', refuses(404), 'upstream_rejected', 'is its base URL complete'],
    ['a redirect', () => new Response(null, { status: 302, headers: { location: '/' } }), 'upstream_rejected'],
    ['no JSON', () => new Response('<html>'), 'upstream_invalid'],
    ['nothing', () => new Response(''), 'upstream_invalid'],
    ['another answer', () => Response.json({ ok: true }), 'upstream_invalid'],
    ['far too much', () => new Response(`"${'x'.repeat(9 * 1024 * 1024)}"`), 'upstream_invalid'],
    ['no connection', () => Promise.reject(new TypeError('fetch failed')), 'upstream_unavailable'],
  ])('takes %s for a failure, and shows no key', async (_name, given, code, hint = '') => {
    answer = given;
    const models = create();
    await models.refresh();
    expect(models.failure?.code).toBe(code);
    expect(ids(models)).toBeUndefined();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('none of them is known yet');
    expect(lines[0]).toContain(hint);
    expect(lines[0]).not.toContain('sk-secret');
  });

  it('leaves no timer and no question behind when it is closed', async () => {
    const models = create();
    await models.refresh();
    expect(vi.getTimerCount()).toBe(1);
    models.close();
    expect(vi.getTimerCount()).toBe(0);
    await models.refresh();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([questions.length, ids(models)]).toEqual([1, ['a']]);
  });

  it('ends the question under way when it is closed, without a complaint', async () => {
    let aborted = 0;
    answer = (init) => {
      init.signal?.addEventListener('abort', () => aborted++);
      return hangs(init);
    };
    const models = create();
    const asking = models.refresh();
    await vi.advanceTimersByTimeAsync(1);
    models.close();
    await asking;
    expect([aborted, vi.getTimerCount(), lines]).toEqual([1, 0, []]);
  });
});
