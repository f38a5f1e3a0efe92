import { describe, expect, it } from 'vitest';

/* The checks of the documentation find what they are there for: each is given a page with a mistake. */

interface Block {
  readonly file: string;
  readonly line: number;
  readonly language: string;
  readonly note: string;
  readonly body: string;
  readonly mark?: { readonly key: string; readonly value: string };
}

type Check = (pages: ReadonlyMap<string, object>) => string[];

const load = async (file: string) => import(new URL(`../scripts/docs/${file}`, import.meta.url).href);
const { checkLinks } = (await load('links.mjs')) as { checkLinks: Check };
const { checkConfigurations } = (await load('configurations.mjs')) as { checkConfigurations: Check };
const { checkPrograms } = (await load('programs.mjs')) as { checkPrograms: Check };
const { highlight } = (await load('highlight.mjs')) as { highlight: (code: string, language: string) => string };

function page(part: { text?: string; links?: string[]; blocks?: Partial<Block>[] }): ReadonlyMap<string, object> {
  const blocks = (part.blocks ?? []).map((block) => ({ file: 'README.md', line: 1, note: '', ...block }));
  const whole = { file: 'README.md', text: '', links: [], headings: [{ anchor: 'here' }], ...part, blocks };
  return new Map([['README.md', whole]]);
}

describe('links', () => {
  it.each([['#here'], ['LICENSE'], ['docs/faults.md'], ['https://example.com/anything']])('may be %s', (href) => {
    expect(checkLinks(page({ links: [href] }))).toEqual([]);
  });

  it.each([
    ['#nowhere', 'README.md: #nowhere leads to no heading of README.md'],
    ['docs/missing.md', 'README.md: docs/missing.md leads to no file'],
    ['../outside.md', 'README.md: ../outside.md leads to no file'],
  ])('may not be %s', (href, complaint) => {
    expect(checkLinks(page({ links: [href] }))).toEqual([complaint]);
  });

  it('know the scripts of the package', () => {
    expect(checkLinks(page({ text: 'npm run typecheck' }))).toEqual([]);
    expect(checkLinks(page({ text: 'npm run dance' }))).toEqual(['README.md: there is no npm run dance']);
  });
});

describe('configurations', () => {
  const check = (body: string, note = '') => checkConfigurations(page({ blocks: [{ language: 'toml', note, body }] }));

  it('are completed', () => {
    expect(check('[llm.routes.assistant]\ntargets = ["openai/gpt-5", "groq/llama"]\n')).toEqual([]);
    expect(check('[llm.providers.openai]\napi_key = "{{ env.ANY_NAME }}"\n')).toEqual([]);
  });

  it.each([
    ['[llm.routes.assistant]\ntargets = ["opnai/gpt-5"]\n', 'opnai'],
    ['[server]\nmax_bodi = "1MiB"\n', 'max_body'],
    ['[server\n', 'README.md:1'],
  ])('are refused when they are wrong: %j', (body, words) => {
    expect(check(body)).toEqual([expect.stringContaining(words)]);
  });

  it('of other programs are not ours', () => {
    expect(check('wire_api = "responses"\n', 'codex')).toEqual([]);
  });
});

describe('programs', () => {
  const check = (block: Partial<Block>) => checkPrograms(page({ blocks: [{ language: 'js', ...block }] }));

  it('must be what their source says', () => {
    const mark = { key: 'from', value: 'examples/guides/cost.mjs#sink' };
    expect(check({ body: 'const spent = new Map();\n', mark })).toEqual([expect.stringContaining('is not what')]);
    const gone = { key: 'from', value: 'examples/guides/cost.mjs#gone' };
    expect(check({ body: '', mark: gone })).toEqual([expect.stringContaining('there is no region')]);
  });
});

describe('highlighting', () => {
  it('changes no character of the code', () => {
    const code = 'a = "<b> # no comment" # "comment" & more\n[x.y]\n';
    const text = highlight(code, 'toml').replaceAll(/<\/?span[^>]*>/g, '');
    const plain = text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
    expect(plain).toBe(code);
    expect(highlight(code, 'toml')).toContain('<span class="c"># &quot;comment&quot; &amp; more</span>');
  });
});
