import { afterEach, describe, expect, it } from 'vitest';
import { type McpConfig, type ServedGateway, serveGateway } from '../support/mcp-gateway.ts';
import { openSession, postLegacy, postModern } from '../support/mcp-post.ts';
import { MemoryUpstream, tool } from '../support/mcp-upstream.ts';

let served: ServedGateway | undefined;
afterEach(() => served?.close());

const SERVERS: McpConfig['servers'] = {
  open: { cmd: ['none'] },
  staff: { cmd: ['none'], allow: ['staff'], tools: { visit: { deny: ['banned'] }, vault: { allow: [] } } },
  nobody: { cmd: ['none'], allow: [] },
};

async function serve(config: McpConfig = {}): Promise<ServedGateway> {
  const answer = (method: string) =>
    method === 'resources/read' ? { contents: [] } : { content: [{ type: 'text', text: 'ran' }] };
  const upstream = (name: string, ...tools: string[]) =>
    new MemoryUpstream(
      name,
      {
        tools: tools.map((one) => tool(one, 'Does a thing')),
        prompts: [{ name: 'p' }],
        resources: [{ uri: `${name}:///r`, name: 'r' }],
        resourceTemplates: [{ uriTemplate: `${name}:///{x}`, name: 't' }],
      },
      answer,
    );
  const upstreams = [upstream('open', 'walk'), upstream('staff', 'work', 'visit', 'vault'), upstream('nobody', 'hide')];
  served = await serveGateway(upstreams, { config: { servers: SERVERS, ...config } });
  return served;
}

const as = (group?: string) => ({ headers: { 'x-user': 'ann', ...(group === undefined ? {} : { 'x-group': group }) } });

const names = (list: unknown, member = 'name') => (list as Record<string, string>[]).map((item) => item[member]);

describe.each([
  ['nobody in particular', undefined, ['open__walk', 'staff__visit']],
  ['a member of the group', 'staff', ['open__walk', 'staff__visit', 'staff__work']],
  ['a member of another group', 'banned', ['open__walk']],
  ['a member of a group no rule knows', 'made up', ['open__walk', 'staff__visit']],
])('%s', (_name, group, visible) => {
  it('is listed what it may use', async () => {
    const { url } = await serve({ tools: 'all' });
    const { body } = await postModern(url, 'tools/list', {}, as(group));
    expect(names(body.result?.['tools'])).toEqual(visible);
  });

  it('finds what it may use', async () => {
    const { url } = await serve();
    const params = { name: 'search', arguments: { keywords: ['thing'] } };
    const { body } = await postModern(url, 'tools/call', params, as(group));
    const structured = body.result?.['structuredContent'] as { results: unknown } | undefined;
    const results = structured?.results;
    expect(names(results).sort()).toEqual(visible);
  });

  it('runs what it may use, and all else is unknown, byte by byte', async () => {
    const { url } = await serve();
    const run = async (name: string) =>
      (await postModern(url, 'tools/call', { name: 'execute', arguments: { name, arguments: {} } }, as(group))).text;
    const unknown = await run('staff__there_is_no_such_tool');
    expect(JSON.parse(unknown)).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'tools/call' } });
    for (const name of ['open__walk', 'staff__visit', 'staff__work', 'staff__vault', 'nobody__hide']) {
      const text = await run(name);
      if (visible.includes(name)) expect(text).toContain('ran');
      else expect(text).toBe(unknown);
    }
  });

  it('sees the prompts and resources of the servers it may use', async () => {
    const { url } = await serve();
    const servers = group === 'staff' ? ['open', 'staff'] : ['open'];
    const list = async (method: string, member: string, key: string) =>
      names((await postModern(url, method, {}, as(group))).body.result?.[member], key);
    expect(await list('prompts/list', 'prompts', 'name')).toEqual(servers.map((name) => `${name}__p`));
    expect(await list('resources/list', 'resources', 'uri')).toEqual(servers.map((name) => `${name}:///r`));
    expect(await list('resources/templates/list', 'resourceTemplates', 'uriTemplate')).toEqual(
      servers.map((name) => `${name}:///{x}`),
    );
    const hidden = await postModern(url, 'prompts/get', { name: 'nobody__p' }, as(group));
    const missing = await postModern(url, 'prompts/get', { name: 'nobody__q' }, as(group));
    expect(hidden.text).toBe(missing.text);
    expect((await postModern(url, 'resources/read', { uri: 'nobody:///r' }, as(group))).body.error?.code).toBe(-32602);
    expect((await postModern(url, 'resources/read', { uri: 'open:///r' }, as(group))).body.result).toBeDefined();
  });

  it('has URLs of the servers it may use, and the others are not there', async () => {
    const { url } = await serve();
    const status = async (server: string) => (await postModern(`${url}/${server}`, 'tools/list', {}, as(group))).status;
    const mayVisit = visible.includes('staff__visit');
    expect([await status('open'), await status('staff'), await status('nobody'), await status('none')]).toEqual([
      200,
      mayVisit ? 200 : 404,
      404,
      404,
    ]);
  });

  it('is told of the servers it may use', async () => {
    const { url } = await serve();
    const { body } = await postModern(url, 'server/discover', {}, as(group));
    const instructions = String(body.result?.['instructions']);
    expect(instructions.includes('- open')).toBe(true);
    expect(instructions.includes('- staff')).toBe(visible.includes('staff__visit'));
    expect(instructions).not.toContain('- nobody');
  });
});

describe('one server’s URL', () => {
  it('hides tools as if they were not there', async () => {
    const { url } = await serve();
    const call = (name: string) => postModern(`${url}/staff`, 'tools/call', { name }, as('staff'));
    expect((await call('work')).body.result).toMatchObject({ content: [{ text: 'ran' }] });
    expect((await call('vault')).text).toBe((await call('never')).text);
    const { body } = await postModern(`${url}/staff`, 'tools/list', {}, as('staff'));
    expect(names(body.result?.['tools'])).toEqual(['work', 'visit']);
  });

  it('keeps prompts and resources from those who may only use a tool of it', async () => {
    const { url } = await serve();
    expect((await postModern(`${url}/staff`, 'prompts/list', {}, as())).body.result?.['prompts']).toEqual([]);
    expect((await postModern(`${url}/staff`, 'prompts/get', { name: 'p' }, as())).body.error?.code).toBe(-32601);
    expect((await postModern(`${url}/staff`, 'resources/read', { uri: 'staff:///r' }, as())).body.error?.code).toBe(
      -32602,
    );
  });
});

describe('a session', () => {
  it('sees what its principal may see now', async () => {
    const { url } = await serve({ tools: 'all' });
    const session = await openSession(url, as('staff'));
    const count = async (group: string) =>
      names((await postLegacy(url, { ...session, 'x-group': group }, 'tools/list')).body.result?.['tools']).length;
    expect([await count('staff'), await count('banned')]).toEqual([3, 1]);
  });
});

describe('callers without a group', () => {
  it('see nothing where that is configured', async () => {
    const { url } = await serve({ tools: 'all', groupless: 'hidden' });
    expect((await postModern(url, 'tools/list', {}, as())).body.result?.['tools']).toEqual([]);
    expect(names((await postModern(url, 'tools/list', {}, as('staff'))).body.result?.['tools'])).toHaveLength(3);
    expect((await postModern(`${url}/open`, 'tools/list', {}, as())).status).toBe(404);
  });
});
