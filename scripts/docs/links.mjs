// Every link inside the repository leads to a file, and to a heading where it names one; every npm script exists.
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { root } from './pages.mjs';

export function checkLinks(pages) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return [...pages.values()].flatMap((page) => [
    ...page.links.flatMap((href) => complaintAbout(href, page, pages)),
    ...[...page.text.matchAll(/\bnpm run ([\w:-]+)/g)]
      .filter(([, name]) => scripts[name] === undefined)
      .map(([command]) => `${page.file}: there is no ${command}`),
  ]);
}

function complaintAbout(href, { file }, pages) {
  if (/^(?:https?|mailto):/.test(href)) return [];
  const [path, anchor] = href.split('#');
  const target = path === '' ? file : posix.join(posix.dirname(file), decodeURIComponent(path));
  if (target.startsWith('..') || !existsSync(join(root, target))) return [`${file}: ${href} leads to no file`];
  if (anchor === undefined) return [];
  const found = pages.get(target)?.headings.some((heading) => heading.anchor === anchor);
  return found ? [] : [`${file}: ${href} leads to no heading of ${target}`];
}
