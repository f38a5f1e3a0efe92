/*
 * The documentation as a static site: the same Markdown, no script and no request to anybody. What is in the navigation,
 * and in which order, docs/README.md says.
 *
 *   node scripts/site.mjs [folder]        default: site
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, posix, resolve } from 'node:path';
import { Marked } from 'marked';
import { escapeHtml, highlight } from './docs/highlight.mjs';
import { plain, readPages, root } from './docs/pages.mjs';

const folder = resolve(process.argv[2] ?? join(root, 'site'));
const pages = readPages();
/** Files that pages link to and that are no pages: they are shown as they are. */
const sources = new Set();
const missing = [];

const sections = readNavigation();
const order = ['README.md', ...sections.flatMap(({ items }) => items.map(({ file }) => file))];

rmSync(folder, { recursive: true, force: true });
for (const page of pages.values()) writePage(page.file, titleOf(page), render(page));
for (const file of sources) {
  const code = highlight(readFileSync(join(root, file), 'utf8'), extname(file).slice(1));
  writePage(file, file, `<h1>${escapeHtml(posix.basename(file))}</h1>\n<pre tabindex="0"><code>${code}</code></pre>`);
}
writeFileSync(join(folder, 'site.css'), readFileSync(new URL('docs/site.css', import.meta.url)));
for (const complaint of missing) console.error(complaint);
console.log(`${pages.size + sources.size} pages in ${folder}`);
process.exitCode = missing.length === 0 ? 0 : 1;

/** `docs/guide/mcp.md` → `docs/guide/mcp.html`; a README is its folder's index. */
function addressOf(file) {
  if (!file.endsWith('.md')) return `${file}.html`;
  return file.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html');
}

function hrefFrom(file, target) {
  return posix.relative(posix.dirname(addressOf(file)), addressOf(target));
}

function titleOf({ headings, file }) {
  return headings[0]?.text ?? file;
}

/** Sections of docs/README.md: their names and the pages they link to. */
function readNavigation() {
  const found = [];
  for (const token of pages.get('docs/README.md').tokens) {
    if (token.type === 'heading' && token.depth === 2) found.push({ name: token.text, items: [] });
    if (token.type !== 'list') continue;
    for (const { tokens } of token.items) {
      const link = tokens.flatMap(({ tokens: inline = [] }) => inline).find(({ type }) => type === 'link');
      if (link !== undefined)
        found.at(-1).items.push({ name: plain(link.tokens), file: posix.join('docs', link.href) });
    }
  }
  return found;
}

function navigation(file) {
  const link = (name, target) =>
    `<a href="${hrefFrom(file, target)}"${target === file ? ' aria-current="page"' : ''}>${escapeHtml(name)}</a>`;
  const lists = sections.map(
    ({ name, items }) =>
      `<h2>${escapeHtml(name)}</h2>\n<ul>${items.map((item) => `<li>${link(item.name, item.file)}</li>`).join('')}</ul>`,
  );
  return { home: `<a class="name" href="${hrefFrom(file, 'README.md')}">Nexus</a>`, lists: lists.join('\n') };
}

/** The pages before and behind this one in the navigation. */
function neighbours(file) {
  const place = order.indexOf(file);
  if (place === -1) return '';
  const link = (target, text) =>
    target === undefined || !pages.has(target)
      ? '<span></span>'
      : `<a href="${hrefFrom(file, target)}">${text(escapeHtml(titleOf(pages.get(target))))}</a>`;
  const before = link(order[place - 1], (title) => `← ${title}`);
  return `<footer>${before}${link(order[place + 1], (title) => `${title} →`)}</footer>`;
}

function render({ file, headings, tokens }) {
  const anchors = headings.values();
  const renderer = {
    heading({ tokens: inline, depth }) {
      const { anchor } = anchors.next().value;
      return `<h${depth} id="${anchor}"><a href="#${anchor}">${this.parser.parseInline(inline)}</a></h${depth}>\n`;
    },
    code({ text, lang = '' }) {
      return `<pre tabindex="0"><code>${highlight(text, lang.split(' ')[0])}</code></pre>\n`;
    },
    table(token) {
      const row = (cells, tag) =>
        `<tr>${cells.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
      const body = token.rows.map((cells) => row(cells, 'td')).join('\n');
      return `<div class="table"><table><thead>${row(token.header, 'th')}</thead><tbody>\n${body}</tbody></table></div>\n`;
    },
    link({ href, tokens: inline }) {
      return `<a href="${escapeHtml(siteHref(href, file))}">${this.parser.parseInline(inline)}</a>`;
    },
    html({ text }) {
      return text.startsWith('<!--') ? '' : escapeHtml(text);
    },
  };
  return new Marked({ renderer }).parser(tokens);
}

function siteHref(href, file) {
  if (/^(?:https?:|mailto:|#)/.test(href)) return href;
  const [path, anchor] = href.split('#');
  const named = posix.join(posix.dirname(file), decodeURIComponent(path)).replace(/\/$/, '');
  // A folder is shown by the page that says what is in it.
  const target = pages.has(`${named}/README.md`) ? `${named}/README.md` : named;
  if (!pages.has(target)) {
    if (!existsSync(join(root, target)) || !statSync(join(root, target)).isFile()) {
      missing.push(`${file} links to ${target}, which is no file`);
      return href;
    }
    sources.add(target);
  }
  return hrefFrom(file, target) + (anchor === undefined ? '' : `#${anchor}`);
}

function writePage(file, title, content) {
  const { home, lists } = navigation(file);
  const path = join(folder, addressOf(file));
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}${title === 'Nexus' ? '' : ' · Nexus'}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${posix.relative(posix.dirname(addressOf(file)), 'site.css')}">
</head>
<body>
<header>${home}<a href="#contents">Contents</a></header>
<main>
${content}${neighbours(file)}
</main>
<nav id="contents" aria-label="Contents"><div>
${home}
${lists}
</div></nav>
</body>
</html>
`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, html);
}
