import { afterEach, describe, expect, it } from 'vitest';
import { JsonRpcError } from '../../src/core/mcp/wire/json-rpc.ts';
import { type McpConfig, type ServedGateway, serveGateway } from '../support/mcp-gateway.ts';
import { postModern, type RawAnswer } from '../support/mcp-post.ts';
import { type Answering, MemoryUpstream, tool } from '../support/mcp-upstream.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const answers: Answering = (_method, params) => {
  if (params['name'] === 'fail') throw new JsonRpcError(-32050, 'No', { data: 1 });
  if (params['name'] === 'err') return { content: [{ type: 'text', text: 'bad' }], isError: true };
  return {
    content: [{ type: 'text', text: JSON.stringify(params['arguments']) }],
    structuredContent: params['arguments'],
  };
};

async function serve(config: McpConfig = {}, answering = answers): Promise<string> {
  const tools = [
    tool('ok'),
    tool('fail'),
    tool('err'),
    { name: 'bare', inputSchema: { type: 'object' } },
    tool('a__b'),
  ];
  served = await serveGateway([new MemoryUpstream('s', { tools }, answering)], { config });
  return served.url;
}

/** The result of a call that must have one. */
function resultOf({ result }: RawAnswer['body']): Record<string, unknown> {
  if (result === undefined) throw new Error('The call has no result');
  return result;
}

const execute = async (url: string, args: unknown) =>
  (await postModern(url, 'tools/call', { name: 'execute', arguments: args })).body;

describe('the two tools', () => {
  it('are described without the words some inspectors refuse, and keep the single form', async () => {
    const url = await serve();
    const { body, text } = await postModern(url, 'tools/list');
    const [search, run] = resultOf(body)['tools'] as Record<string, Record<string, unknown>>[];
    expect(text).not.toContain('$schema');
    expect(text).not.toContain('"format"');
    expect(search).toMatchObject({
      name: 'search',
      inputSchema: { title: 'SearchParameters', type: 'object', required: ['keywords'] },
      outputSchema: { title: 'SearchResponse', type: 'object', required: ['results'] },
      annotations: { readOnlyHint: true },
    });
    expect(run).toMatchObject({
      name: 'execute',
      inputSchema: {
        type: 'object',
        required: ['name', 'arguments'],
        properties: { arguments: { type: 'object', additionalProperties: true }, calls: { type: 'array' } },
      },
      annotations: { destructiveHint: true, openWorldHint: true },
    });
    expect(run).not.toHaveProperty('outputSchema');
  });

  it('leave out structured content where it is off', async () => {
    const url = await serve({ enableStructuredContent: false });
    const { body } = await postModern(url, 'tools/list');
    expect((resultOf(body)['tools'] as object[])[0]).not.toHaveProperty('outputSchema');
    const found = await postModern(url, 'tools/call', { name: 'search', arguments: { keywords: ['ok'] } });
    expect(found.body.result).not.toHaveProperty('structuredContent');
    expect(found.body.result?.['content']).toHaveLength(1);
  });

  it('are all there is to call', async () => {
    const url = await serve();
    const { body } = await postModern(url, 'tools/call', { name: 's__ok' });
    expect(body.error).toEqual({ code: -32601, message: 'tools/call' });
  });
});

describe('search', () => {
  it.each([
    [{ keywords: [] }, []],
    [{ keywords: [' ', ''] }, []],
    [{ keywords: ['nonsense'] }, []],
    [{ keywords: ['bare'] }, ['s__bare']],
  ])('%j finds %j', async (args, found) => {
    const url = await serve();
    const { body } = await postModern(url, 'tools/call', { name: 'search', arguments: args });
    const { results } = resultOf(body)['structuredContent'] as { results: { name: string; description: string }[] };
    expect(results.map(({ name }) => name)).toEqual(found);
    expect(body.result?.['content']).toHaveLength(found.length);
    expect(body.result).not.toHaveProperty('isError');
    if (found.length > 0) expect(results[0]?.description).toBe('No description available');
  });

  it.each([undefined, {}, { keywords: 'text' }, { keywords: [1] }, []])('with %j is refused', async (args) => {
    const url = await serve();
    const { body } = await postModern(url, 'tools/call', { name: 'search', arguments: args });
    expect(body.error?.code).toBe(-32602);
  });
});

describe('execute', () => {
  it('runs a tool with its own name, separators and all', async () => {
    const url = await serve();
    expect((await execute(url, { name: 's__a__b', arguments: { x: 1 } })).result).toMatchObject({
      structuredContent: { x: 1 },
    });
    expect((await execute(url, { name: 's__ok' })).result).toMatchObject({ structuredContent: {} });
  });

  it.each([
    [undefined, 'name'],
    [{}, 'name'],
    [{ arguments: {} }, 'name'],
    [{ name: 5 }, 'name'],
    [{ name: 's__ok', arguments: 'x' }, 'arguments'],
    [{ name: 's__ok', arguments: [1] }, 'arguments'],
    [{ calls: 'x' }, 'calls'],
    [{ calls: [] }, 'calls'],
    [{ calls: [5] }, 'calls[0]'],
    [{ calls: [{ name: 's__ok' }, { arguments: {} }] }, 'calls[1].name'],
    [{ calls: Array.from({ length: 33 }, () => ({ name: 's__ok' })) }, 'calls'],
  ])('of %j is refused', async (args, word) => {
    const url = await serve();
    const { error } = await execute(url, args);
    expect(error?.code).toBe(-32602);
    expect(error?.message).toContain(word);
  });

  it('runs several side by side and answers in order', async () => {
    let running = 0;
    let most = 0;
    const releases: (() => void)[] = [];
    const url = await serve({}, async (method, params, call) => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => {
        releases.push(resolve);
        // The last to come is the first to go.
        if (releases.length === 3) for (const release of releases.reverse()) release();
      });
      running--;
      return answers(method, params, call);
    });
    const result = (
      await execute(url, {
        name: 's__ok',
        arguments: { n: 1 },
        calls: [
          { name: 's__fail', arguments: {} },
          { name: 's__err', arguments: {} },
          { name: 's__never', arguments: {} },
        ],
      })
    ).result;
    expect(most).toBe(3);
    expect(result?.['structuredContent']).toEqual({
      results: [
        { name: 's__ok', result: { content: [{ type: 'text', text: '{"n":1}' }], structuredContent: { n: 1 } } },
        { name: 's__fail', error: { code: -32050, message: 'No', data: 1 } },
        { name: 's__err', result: { content: [{ type: 'text', text: 'bad' }], isError: true } },
        { name: 's__never', error: { code: -32601, message: 'tools/call' } },
      ],
    });
    expect(result).not.toHaveProperty('isError');
    const texts = ((result?.['content'] ?? []) as { text: string }[]).map(({ text }) => text);
    expect(texts).toEqual([
      '{"call":0,"name":"s__ok","items":1}',
      '{"n":1}',
      '{"call":1,"name":"s__fail","items":0,"error":{"code":-32050,"message":"No","data":1}}',
      '{"call":2,"name":"s__err","items":1,"isError":true}',
      'bad',
      '{"call":3,"name":"s__never","items":0,"error":{"code":-32601,"message":"tools/call"}}',
    ]);
  });

  it('takes several without a first, and is an error when all of them are', async () => {
    const url = await serve();
    const calls = [
      { name: 's__err', arguments: {} },
      { name: 's__fail', arguments: {} },
    ];
    expect((await execute(url, { calls })).result).toMatchObject({ isError: true });
    expect((await execute(url, { name: '', arguments: {}, calls })).result?.['structuredContent']).toMatchObject({
      results: [{ name: 's__err' }, { name: 's__fail' }],
    });
  });
});

describe('a question on the way to a modern client', () => {
  const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
  const asking: Answering = async (_method, _params, { ask, signal }) => {
    const first = await ask?.('elicitation/create', { message: 'One?' }, signal);
    const second = await ask?.('elicitation/create', { message: 'Two?' }, signal);
    return { content: [], heard: [first, second] };
  };
  const params = { name: 'execute', arguments: { name: 's__ok', arguments: { a: 1, b: 2 } } };

  interface Asked {
    readonly inputRequests: Record<string, { params: { message: string } }>;
    readonly requestState: string;
  }

  async function ask(url: string, more: object = {}, headers: Record<string, string> = {}): Promise<Asked> {
    const { body } = await postModern(url, 'tools/call', { ...params, ...more }, { meta, headers });
    expect(body.result).toMatchObject({ resultType: 'input_required' });
    return body.result as unknown as Asked;
  }
  const answer = ({ inputRequests, requestState }: Asked, content: object) => ({
    requestState,
    inputResponses: Object.fromEntries(Object.keys(inputRequests).map((key) => [key, { action: 'accept', content }])),
  });

  it('waits for the answers, round by round', async () => {
    const url = await serve({}, asking);
    const first = await ask(url);
    expect(Object.values(first.inputRequests).map((one) => one.params.message)).toEqual(['One?']);
    const second = await ask(url, answer(first, { n: 1 }));
    expect(Object.values(second.inputRequests).map((one) => one.params.message)).toEqual(['Two?']);
    const reordered = { ...params, arguments: { arguments: { b: 2, a: 1 }, name: 's__ok' } };
    const { body } = await postModern(url, 'tools/call', { ...reordered, ...answer(second, { n: 2 }) }, { meta });
    expect(body.result).toMatchObject({
      resultType: 'complete',
      heard: [
        { action: 'accept', content: { n: 1 } },
        { action: 'accept', content: { n: 2 } },
      ],
    });
  });

  it('is for its own caller, call and moment only', async () => {
    const url = await serve({}, asking);
    const asked = await ask(url, {}, { 'x-user': 'ann' });
    const more = answer(asked, {});
    const code = async (sent: object, headers: Record<string, string> = { 'x-user': 'ann' }) =>
      (await postModern(url, 'tools/call', { ...params, ...sent }, { meta, headers })).body.error?.code;
    expect(await code(more, { 'x-user': 'bob' })).toBe(-32602);
    expect(await code(more, {})).toBe(-32602);
    expect(await code({ ...more, arguments: { name: 's__ok', arguments: { a: 2 } } })).toBe(-32602);
    expect(await code({ ...more, requestState: `${asked.requestState}x` })).toBe(-32602);
    expect(await code({ ...more, requestState: 5 })).toBe(-32602);
    expect(await code({ ...more, requestState: '' })).toBe(-32602);
    // None of these took it up.
    await ask(url, more, { 'x-user': 'ann' });
    expect(await code(more)).toBe(-32602);
  });

  it('is asked again when the answer is missing', async () => {
    const url = await serve({}, asking);
    const first = await ask(url);
    const again = await ask(url, { requestState: first.requestState, inputResponses: { other: {} } });
    expect(Object.keys(again.inputRequests)).toEqual(Object.keys(first.inputRequests));
  });

  it('that a modern server leaves with the client comes back to it as it was, under our seal', async () => {
    const seen: unknown[] = [];
    const url = await serve({}, (_method, sent) => {
      seen.push(sent['requestState']);
      if (sent['inputResponses'] !== undefined) return { content: [], done: true };
      const inputRequests = { q: { method: 'elicitation/create', params: { message: 'One?' } } };
      return { resultType: 'input_required', inputRequests, requestState: 'theirs' };
    });
    const asked = await ask(url);
    expect(asked.requestState).not.toBe('theirs');
    const { body } = await postModern(url, 'tools/call', { ...params, ...answer(asked, {}) }, { meta });
    expect(body.result).toMatchObject({ done: true });
    expect(seen).toEqual([undefined, 'theirs']);
    const tampered = { ...answer(asked, {}), requestState: 'theirs' };
    expect((await postModern(url, 'tools/call', { ...params, ...tampered }, { meta })).body.error?.code).toBe(-32602);
    expect(seen).toHaveLength(2);
  });

  it('runs under a scope of its own as long as it runs', async () => {
    const scopes: string[] = [];
    const url = await serve({}, async (_method, _params, call) => {
      scopes.push(call.caller.scope);
      await call.ask?.('elicitation/create', { message: String(scopes.length) }, call.signal);
      return { content: [] };
    });
    const [one, two] = [await ask(url), await ask(url)];
    expect(new Set(scopes).size).toBe(2);
    for (const asked of [one, two]) await postModern(url, 'tools/call', { ...params, ...answer(asked, {}) }, { meta });
    await ask(url);
    expect(scopes[2]).toBe(scopes[0]);
  });

  it('ends with the gateway', async () => {
    let aborted = false;
    const url = await serve({}, async (_method, _params, { ask: question, signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      await question?.('elicitation/create', { message: 'One?' }, signal);
      return { content: [] };
    });
    await ask(url);
    await served?.close();
    served = undefined;
    expect(aborted).toBe(true);
  });
});

describe('names', () => {
  it('stay exact where that is configured, and the second of two is hidden with a word in the log', async () => {
    const one = new MemoryUpstream('one', { tools: [tool('same', 'first'), tool('a.b')] });
    const two = new MemoryUpstream('two', { tools: [tool('same', 'second')] });
    served = await serveGateway([one, two], { config: { namespace: false, tools: 'all' } });
    const { body } = await postModern(served.url, 'tools/list');
    expect(
      (resultOf(body)['tools'] as { name: string; description: string }[]).map(({ name, description }) => [
        name,
        description,
      ]),
    ).toEqual([
      ['a.b', 'The a.b tool'],
      ['same', 'first'],
    ]);
    await postModern(served.url, 'tools/call', { name: 'same' });
    expect([one.received.length, two.received.length]).toEqual([1, 0]);
    expect(served.errors).toHaveLength(1);
  });

  it('are safe for model APIs and lead back to their tool', async () => {
    const odd = ['files.read/all', 'x'.repeat(100), 'ä', 'a b', 'a_b'];
    const upstream = new MemoryUpstream('odd', { tools: odd.map((name) => tool(name)) });
    served = await serveGateway([upstream], { config: { tools: 'all' } });
    const { body } = await postModern(served.url, 'tools/list');
    const listed = (resultOf(body)['tools'] as { name: string }[]).map(({ name }) => name);
    expect(new Set(listed).size).toBe(odd.length);
    for (const name of listed) {
      expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      await postModern(served.url, 'tools/call', { name });
    }
    expect(upstream.received.map(({ params }) => params['name']).sort()).toEqual([...odd].sort());
  });
});

describe('a link in a result', () => {
  it('is readable for who got it, though no list names it', async () => {
    const upstream = new MemoryUpstream('s', { tools: [tool('ok')] }, (method, params) =>
      method === 'resources/read'
        ? { contents: [{ uri: params['uri'], text: 'linked' }] }
        : { content: [{ type: 'resource_link', uri: 'secret://1', name: 'one' }] },
    );
    served = await serveGateway([upstream]);
    const read = (user: string) =>
      postModern(served?.url ?? '', 'resources/read', { uri: 'secret://1' }, { headers: { 'x-user': user } });
    expect((await read('ann')).body.error?.code).toBe(-32602);
    await postModern(
      served.url,
      'tools/call',
      { name: 'execute', arguments: { name: 's__ok', arguments: {} } },
      { headers: { 'x-user': 'ann' } },
    );
    expect((await read('ann')).body.result?.['contents']).toEqual([{ uri: 'secret://1', text: 'linked' }]);
    expect((await read('bob')).body.error?.code).toBe(-32602);
  });
});
