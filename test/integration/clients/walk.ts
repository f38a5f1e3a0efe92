import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ClientProtocol, type Gateway, openGateway, VENDORS, type VendorName } from './gateway.ts';

/** What a client understood of an answer. */
export interface Told {
  readonly text: string;
  /** Tokens read and written. */
  readonly usage: readonly [input: number | undefined, output: number | undefined];
}

/** The one tool of all walks, as each client is to declare it. */
export const TOOL = {
  name: 'get_weather',
  description: 'The weather in a city',
  schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const } },
    required: ['city'],
    additionalProperties: false as const,
  },
};

/** The form of a structured answer. */
export const FORM = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const }, degrees: { type: 'integer' as const } },
  required: ['city', 'degrees'] as ['city', 'degrees'],
  additionalProperties: false as const,
};

export type RunTool = (input: { city: string }) => string;

/** A client library, driven the way its own users drive it. Nothing may be retried. */
export interface Walker {
  readonly protocol: ClientProtocol;
  /** Asks `Hi` and waits for the whole answer. */
  ask(model: string): Promise<Told>;
  /** Asks the same and hands every piece of text to `onText` as it comes; ends when `signal` says so. */
  stream(model: string, onText: (text: string) => void, signal?: AbortSignal): Promise<Told>;
  /** Asks with the tool, runs what the model calls, brings the results back; gives the text of the last answer. */
  useTools(model: string, run: RunTool, stream: boolean): Promise<string>;
  /** Asks for an answer in the form of `FORM`, the way this library does, and gives it parsed. */
  fillIn(model: string): Promise<unknown>;
  /** The HTTP status of an error this library raised, where it is of the library's own class. */
  statusOf(error: unknown): number | undefined;
}

/** Walks one client through everything it must be able to do behind Nexus, with every vendor behind that. */
export function walk(name: string, createWalker: (gateway: Gateway) => Walker): void {
  describe(name, () => {
    let gateway: Gateway;
    let walker: Walker;

    beforeAll(async () => {
      gateway = await openGateway();
      walker = createWalker(gateway);
    });
    beforeEach(() => gateway.provider.reset());
    afterAll(() => gateway.close());

    describe.each(Object.keys(VENDORS) as VendorName[])('%s', (vendor) => {
      const { model, otherwise, speaks } = VENDORS[vendor];
      const usage = { input: 12, output: 7, cacheRead: 4 };
      const text = 'Grüße, 世界 😀, and good night.';

      /** What the vendors were asked, other than for their models and for a message thread, which none here keeps. */
      const asked = () =>
        gateway.provider.requests.filter(
          ({ method, bytes }) => method === 'POST' && !Buffer.from(bytes).includes('"thread":'),
        );

      /** Every request went where the client's own protocol is spoken, else where the vendor's is. */
      function expectAsked(times: number) {
        const paths: Partial<Record<ClientProtocol, string>> = speaks;
        const place = paths[walker.protocol] ?? otherwise;
        expect(asked().map(({ path }) => path.startsWith(place))).toEqual(Array(times).fill(true));
      }

      it('answers', async () => {
        gateway.provider.reply({ text, usage });
        expect(await walker.ask(model)).toEqual({ text, usage: [12, 7] });
        expectAsked(1);
      });

      it('streams', async () => {
        gateway.provider.reply({ text, usage, chunkSize: 3 });
        const pieces: string[] = [];
        expect(await walker.stream(model, (piece) => pieces.push(piece))).toEqual({ text, usage: [12, 7] });
        expect(pieces.join('')).toBe(text);
        expect(pieces.length).toBeGreaterThan(5);
        expectAsked(1);
      });

      it.each([false, true])('runs tools side by side and takes their results; streamed: %s', async (stream) => {
        const cities = ['Oslo "N"', 'Köln'];
        const toolCalls = cities.map((city) => ({ name: TOOL.name, arguments: { city } }));
        gateway.provider.reply({ text: 'Let me see.', toolCalls, chunkSize: 5 });
        gateway.provider.reply({ text: 'Cold and colder.' });
        const run = vi.fn<RunTool>(({ city }) => `3 °C in ${city}`);
        expect(await walker.useTools(model, run, stream)).toBe('Cold and colder.');
        expect(run.mock.calls.map(([{ city }]) => city)).toEqual(cities);
        expectAsked(2);
        const [first, second] = asked().map(({ body }) => JSON.stringify(body));
        expect(first).toContain(TOOL.description);
        for (const city of cities) expect(second).toContain(JSON.stringify(`3 °C in ${city}`).slice(1, 8));
        expect(second).toContain('Köln');
      });

      it('fills in a form', async () => {
        gateway.provider.reply({ text: '{"city":"Oslo","degrees":3}' });
        expect(await walker.fillIn(model)).toEqual({ city: 'Oslo', degrees: 3 });
        expect(JSON.stringify(asked()[0]?.body)).toContain('degrees');
        expectAsked(1);
      });

      it.each([
        [400, 400],
        [404, 404],
        [429, 429],
        [401, 502],
        [503, 502],
      ])('raises its own error when the vendor says %i', async (status, expected) => {
        const error = { status, message: 'that went wrong' };
        gateway.provider.reply({ error });
        gateway.provider.reply({ error });
        for (const ask of [() => walker.ask(model), () => walker.stream(model, () => undefined)]) {
          const raised = await ask().then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
          expect(walker.statusOf(raised)).toBe(expected);
        }
        expectAsked(2);
      });

      it('raises an error when a stream breaks', async () => {
        gateway.provider.reply({ text: 'one two three four five six', fault: 'close', after: 2 });
        const pieces: string[] = [];
        // OpenAI's client rejects with the error event of the responses protocol itself, which is no Error.
        await expect(walker.stream(model, (piece) => pieces.push(piece))).rejects.toMatchObject({
          message: expect.stringMatching(/./),
        });
        expect(pieces.join('')).toBe('one two three fo');
      });

      it('takes its upstream call with it when it leaves', async () => {
        gateway.provider.reply({ text: 'word '.repeat(200), chunkSize: 5, pace: 20 });
        const leaving = new AbortController();
        const outcome = walker
          .stream(model, () => leaving.abort(), leaving.signal)
          .then(
            () => 'ended',
            () => 'ended',
          );
        await gateway.provider.waitFor(({ bill }) => bill.aborted === 1);
        expect(await outcome).toBe('ended');
        expect(gateway.provider.bill).toMatchObject({ openStreams: 0, aborted: 1 });
      });
    });
  });
}
