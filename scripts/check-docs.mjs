/*
 * Checks the documentation against what it speaks of: links lead somewhere, configurations load, programs compile and are
 * the ones the examples run, curl commands are answered. Needs the built package.
 *
 *   node scripts/check-docs.mjs            --write first copies the regions of the examples into the pages
 */
import { checkCommands } from './docs/commands.mjs';
import { checkConfigurations, ours } from './docs/configurations.mjs';
import { checkLinks } from './docs/links.mjs';
import { readPages } from './docs/pages.mjs';
import { checkPrograms, copyRegions } from './docs/programs.mjs';

if (process.argv.includes('--write')) copyRegions(readPages());

const pages = readPages();
const blocks = [...pages.values()].flatMap((page) => page.blocks);
const links = [...pages.values()].reduce((sum, page) => sum + page.links.length, 0);
const programs = blocks.filter(({ language }) => language === 'js' || language === 'ts');
const copied = programs.filter(({ mark }) => mark?.key === 'from');
const { calls, complaints: failedCalls } = await checkCommands(pages);

const results = [
  [`${links} links of ${pages.size} pages`, checkLinks(pages)],
  [`${ours(pages).length} configurations`, checkConfigurations(pages)],
  [`${programs.length} programs, ${copied.length} of them from files that run`, checkPrograms(pages)],
  [`${calls} curl commands`, failedCalls],
];
for (const [what, complaints] of results) {
  console.log(complaints.length === 0 ? `ok    ${what}` : `FAIL  ${what}`);
  for (const complaint of complaints) console.log(`        ${complaint}`);
}
process.exitCode = results.some(([, complaints]) => complaints.length > 0) ? 1 : 0;
