import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bothVendors, clientFor, DOORS, type Door, type DoorName, openDoor } from '../support/doors.ts';

const TOOLS: OpenAI.ChatCompletionFunctionTool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather in a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

// The stock client, through every door, to both vendors.
describe.each(Object.keys(DOORS) as DoorName[])('%s', (name) => {
  let provider: FakeProvider;
  let door: Door;
  let client: OpenAI;

  beforeAll(async () => {
    provider = await createFakeProvider();
    door = await openDoor(name, bothVendors(provider.url));
    client = clientFor(door);
  });
  beforeEach(() => provider.reset());
  afterAll(async () => {
    await door.close();
    await provider.close();
  });

  describe.each(['openai/gpt-x', 'anthropic/claude-x'])('%s', (model) => {
    const vendorModel = model.slice(model.indexOf('/') + 1);
    const ask = { model, messages: [{ role: 'user' as const, content: 'Hi' }] };

    it('answers', async () => {
      provider.reply({ text: 'Grüße, 世界 😀', usage: { input: 12, output: 7, cacheRead: 4 } });
      const answer = await client.chat.completions.create(ask);
      expect(answer.choices).toHaveLength(1);
      expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Grüße, 世界 😀' } });
      expect(answer.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 });
      expect(answer.usage?.prompt_tokens_details?.cached_tokens).toBe(4);
      expect(provider.requests[0]?.body).toMatchObject({ model: vendorModel });
    });

    it('streams, with the usage the caller asked for and without one it did not', async () => {
      const text = 'One two three, 世界 😀 and so on.';
      provider.reply({ text, chunkSize: 3, usage: { input: 5, output: 9 } });
      provider.reply({ text, chunkSize: 3, usage: { input: 5, output: 9 } });
      for (const include_usage of [true, false]) {
        const stream = await client.chat.completions.create({
          ...ask,
          stream: true,
          stream_options: { include_usage },
        });
        let said = '';
        const finishes: unknown[] = [];
        const usages: OpenAI.CompletionUsage[] = [];
        for await (const chunk of stream) {
          said += chunk.choices[0]?.delta.content ?? '';
          if (chunk.choices[0]?.finish_reason) finishes.push(chunk.choices[0].finish_reason);
          if (chunk.usage) usages.push(chunk.usage);
          else expect(chunk.choices).toHaveLength(1);
        }
        expect(said).toBe(text);
        expect(finishes).toEqual(['stop']);
        expect(usages.map((usage) => usage.total_tokens)).toEqual(include_usage ? [14] : []);
      }
    });

    it('streams without stream_options at all', async () => {
      provider.reply({ text: 'Hello there', chunkSize: 4 });
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of await client.chat.completions.create({ ...ask, stream: true })) chunks.push(chunk);
      expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Hello there');
      expect(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage)).toBe(true);
    });

    it('calls tools, side by side, and takes their results', async () => {
      const calls = [
        { name: 'get_weather', arguments: { city: 'Oslo "N"' } },
        { name: 'get_weather', arguments: { city: 'Köln' } },
      ];
      provider.reply({ toolCalls: calls });
      const answer = await client.chat.completions.create({ ...ask, tools: TOOLS });
      const message = answer.choices[0]?.message;
      expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
      const made = (message?.tool_calls ?? []).filter((call) => call.type === 'function');
      expect(made.map((call) => JSON.parse(call.function.arguments))).toEqual(calls.map((call) => call.arguments));

      provider.reply({ text: 'Cold and colder.' });
      const results = made.map((call) => ({ role: 'tool' as const, tool_call_id: call.id, content: '3 °C' }));
      const next = await client.chat.completions.create({
        model,
        tools: TOOLS,
        messages: [...ask.messages, message as OpenAI.ChatCompletionMessage, ...results],
      });
      expect(next.choices[0]?.message.content).toBe('Cold and colder.');
    });

    it('streams tool calls', async () => {
      provider.reply({
        toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }, { name: 'get_weather' }],
        chunkSize: 4,
      });
      const runner = client.chat.completions.stream({ ...ask, tools: TOOLS });
      const final = await runner.finalChatCompletion();
      const calls = (final.choices[0]?.message.tool_calls ?? []).filter((call) => call.type === 'function');
      expect(calls.map((call) => JSON.parse(call.function.arguments))).toEqual([{ city: 'Oslo' }, {}]);
      expect(new Set(calls.map((call) => call.id)).size).toBe(2);
      expect(final.choices[0]?.finish_reason).toBe('tool_calls');
    });

    it.each([
      [400, OpenAI.BadRequestError, 400],
      [401, OpenAI.InternalServerError, 502],
      [403, OpenAI.InternalServerError, 502],
      [404, OpenAI.NotFoundError, 404],
      [409, OpenAI.ConflictError, 409],
      [413, OpenAI.APIError, 413],
      [422, OpenAI.UnprocessableEntityError, 422],
      [429, OpenAI.RateLimitError, 429],
      [500, OpenAI.InternalServerError, 500],
      [503, OpenAI.InternalServerError, 502],
      [529, OpenAI.InternalServerError, 502],
    ])('raises the client’s own error for an upstream %i', async (status, type, expected) => {
      for (const stream of [false, true]) {
        provider.reply({ error: { status, message: 'that went wrong', retryAfter: 7 } });
        const error = await client.chat.completions.create({ ...ask, stream }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(type);
        const raised = error as InstanceType<typeof OpenAI.APIError>;
        expect(raised.status).toBe(expected);
        expect(raised.headers?.get('retry-after')).toBe('7');
        expect(raised.headers?.get('x-nexus-error')).toMatch(/^upstream_/);
        if (status === 401 || status === 403) expect(raised.message).not.toContain('that went wrong');
        else expect(raised.message).toContain('that went wrong');
      }
      expect(provider.bill.requests).toBe(2);
    });

    it('lets the upstream go when the caller aborts', async () => {
      provider.reply({ text: 'word '.repeat(500), chunkSize: 5, pace: 10 });
      const stream = await client.chat.completions.create({ ...ask, stream: true });
      let seen = 0;
      for await (const _ of stream) if (++seen === 3) break;
      await provider.waitFor(({ bill }) => bill.aborted === 1 && bill.openStreams === 0);
    });

    it('lets the upstream go when the caller aborts before there is an answer', async () => {
      for (const stream of [false, true]) {
        provider.reset();
        provider.reply({ fault: 'hang' });
        const abort = new AbortController();
        const asked = client.chat.completions.create({ ...ask, stream }, { signal: abort.signal });
        const outcome = expect(asked).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
        await provider.waitFor(({ requests }) => requests.length === 1);
        abort.abort();
        await outcome;
        await provider.waitFor(({ bill }) => bill.aborted === 1);
      }
    });

    it('answers a call under way while others come and go', async () => {
      provider.script([{ match: { model: vendorModel }, reply: {} }]);
      const texts = Array.from({ length: 40 }, (_, i) => `number ${i} of forty`);
      const answers = await Promise.all(
        texts.map(async (content, i) => {
          const body = { model, messages: [{ role: 'user' as const, content }] };
          if (i % 2 === 0) return (await client.chat.completions.create(body)).choices[0]?.message.content ?? '';
          let said = '';
          for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
            said += chunk.choices[0]?.delta.content ?? '';
          }
          return said;
        }),
      );
      for (const [i, answer] of answers.entries()) expect(answer).toContain(texts[i]);
    });
  });

  it('lists the models', async () => {
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual([]);
  });

  it('sends upstream only its own credentials and headers', async () => {
    await client.chat.completions.create(
      { model: 'openai/gpt-x', messages: [{ role: 'user', content: 'Hi' }] },
      { headers: { cookie: 'a=b', 'x-api-key': 'sk-caller', 'x-forwarded-for': '1.2.3.4', 'openai-beta': 'x=1' } },
    );
    const sent = provider.requests[0]?.headers ?? {};
    expect(sent['authorization']).toBe('Bearer sk-upstream-openai');
    expect(Object.keys(sent).sort()).toEqual(
      ['authorization', 'connection', 'content-length', 'content-type', 'host', 'openai-beta', 'user-agent'].sort(),
    );
    expect(JSON.stringify(sent)).not.toContain('sk-caller');
  });
});
