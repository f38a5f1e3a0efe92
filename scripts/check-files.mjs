/*
 * Checks every file of the repository for addresses that hold on one machine only: package registries (a lock file that
 * names one cannot be installed behind a mirror) and absolute paths of somebody's disk. What people once typed, recorded in
 * test/fixtures, may hold such paths.
 *
 *   node scripts/check-files.mjs
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const rules = [
  [/registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+/, 'names a package registry'],
  [/^\s*(?:@[\w-]+:)?registry\s*=/m, 'sets a package registry'],
  [/"resolved":\s*"(?!file:)/, 'a lock file with download addresses (.npmrc leaves them out)'],
  [/https?:\/\/[^\s"'`]+\.tgz\b/, 'names a tarball to download'],
  [/(?<![\w.:/~$})*-])\/(?:work|root|home|Users)\/[\w.-]+/, 'contains an absolute path', 'test/fixtures/'],
];

const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
});
const files = listed.split('\0').filter((file) => file !== '');
let failed = files.length === 0;

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  for (const [pattern, complaint, exempt] of rules) {
    if (exempt !== undefined && file.startsWith(exempt)) continue;
    const found = pattern.exec(text);
    if (found === null) continue;
    failed = true;
    const line = text.slice(0, found.index).split('\n').length;
    console.log(`FAIL  ${file}:${line} ${complaint}: ${found[0].trim()}`);
  }
}

console.log(failed ? 'addresses found' : `ok    ${files.length} files name no registry and no absolute path`);
process.exitCode = failed ? 1 : 0;
