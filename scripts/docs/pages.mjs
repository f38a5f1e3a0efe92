// The pages of the documentation, read once: their tokens, headings and blocks. Both the checks and the site stand on it.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lexer, walkTokens } from 'marked';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every page, by its path from the root of the repository. What tests and the report of the API hold is none. */
export function readPages() {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  }).split('\0');
  const pages = files.filter((file) => file !== '' && !/^(?:test|api)\//.test(file) && existsSync(join(root, file)));
  return new Map(pages.toSorted().map((file) => [file, readPage(file)]));
}

function readPage(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const tokens = lexer(text);
  const found = [];
  walkTokens(tokens, (token) => found.push(token));
  return {
    file,
    text,
    tokens,
    headings: withAnchors(found.filter(({ type }) => type === 'heading')),
    links: found.filter(({ type }) => type === 'link' || type === 'image').map(({ href }) => href),
    blocks: blocksOf(file, text),
  };
}

/** Anchors as GitHub makes them: letters, digits, `-` and `_` stay, spaces become `-`, repetitions get a number. */
function withAnchors(headings) {
  const times = new Map();
  return headings.map(({ text, depth, tokens }) => {
    const slug = plain(tokens)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    return { text, depth, anchor: before === 0 ? slug : `${slug}-${before}` };
  });
}

/** What inline tokens say, without their marks. */
export function plain(tokens = []) {
  return tokens
    .map((token) => (token.tokens === undefined ? unescaped(token.text ?? '') : plain(token.tokens)))
    .join('');
}

function unescaped(text) {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/**
 * Fenced blocks with their line and the comment before them:
 * `<!-- from: path#region -->`, `<!-- completed by: path -->`, `<!-- command: name -->`.
 */
function blocksOf(file, text) {
  const fence =
    /(?:^<!-- (?<key>[\w ]+): (?<value>[^\n]*?) -->\n\n?)?^```(?<language>\w+)(?<note>[^\n]*)\n(?<body>[\s\S]*?)^```$/gm;
  return [...text.matchAll(fence)].map(({ groups, index, 0: all }) => ({
    file,
    line: text.slice(0, index + all.indexOf('```')).split('\n').length,
    language: groups.language,
    note: groups.note.trim(),
    body: groups.body,
    /** Where the body begins in the page. */
    at: index + all.length - groups.body.length - '```'.length,
    mark: groups.key === undefined ? undefined : { key: groups.key, value: groups.value },
  }));
}
