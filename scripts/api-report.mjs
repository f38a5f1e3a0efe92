/*
 * Writes api/*.api.md: the public declarations of every subpath, as they were built into dist/. A change of one is a change
 * of the API, made on purpose and reviewed as text.
 *
 *   node scripts/api-report.mjs            writes the reports
 *   node scripts/api-report.mjs --check    only compares; exit 1 and the first difference where one is stale
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifestPath = join(root, 'package.json');

/** Names of the subpaths that have declarations: `index` for the root. */
function entries(exports) {
  return Object.entries(exports).flatMap(([subpath, target]) => {
    const types = target.import?.types;
    return types === undefined
      ? []
      : [{ name: subpath === '.' ? 'index' : subpath.slice(2), types: join(root, types) }];
  });
}

/** The report of one entry, written into `folder`. */
function report({ name, types }, folder) {
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: manifestPath,
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: types,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            lib: ['es2023', 'esnext.disposable'],
            module: 'esnext',
            moduleResolution: 'bundler',
            types: ['node'],
            strict: true,
            skipLibCheck: true,
          },
          files: [types],
        },
      },
      apiReport: { enabled: true, reportFolder: folder, reportTempFolder: join(folder, 'temp'), reportFileName: name },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        // Release tags and links are not our way of documenting.
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
        compilerMessageReporting: { default: { logLevel: 'error' } },
      },
    },
  });
  const { errorCount } = Extractor.invoke(config, { localBuild: true, messageCallback: quiet });
  if (errorCount > 0) throw new Error(`The declarations of ${name} cannot be read`);
  return readFileSync(join(folder, `${name}.api.md`), 'utf8');
}

/** Says errors and nothing else. */
function quiet(message) {
  if (message.logLevel !== 'error') message.handled = true;
}

/** The reports as they should be, by file name. */
export function apiReports() {
  const { exports } = JSON.parse(readFileSync(manifestPath, 'utf8'));
  const work = mkdtempSync(join(tmpdir(), 'nexus-api-'));
  try {
    return new Map(entries(exports).map((entry) => [`${entry.name}.api.md`, report(entry, work)]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** One sentence per stale report. */
export function staleReports() {
  return [...apiReports()].flatMap(([file, text]) => {
    const path = join(root, 'api', file);
    const committed = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (committed === text) return [];
    const [then, now] = [committed.split('\n'), text.split('\n')];
    const line = now.findIndex((one, index) => one !== then[index]);
    return [
      `api/${file} is stale from line ${line + 1} (${then[line]?.trim() ?? 'its end'} -> ${now[line]?.trim() ?? 'its end'}); build, look at the change, and run: node scripts/api-report.mjs`,
    ];
  });
}

function main() {
  if (process.argv.includes('--check')) {
    const stale = staleReports();
    for (const sentence of stale) console.error(sentence);
    process.exitCode = stale.length === 0 ? 0 : 1;
    return;
  }
  for (const [file, text] of apiReports()) {
    const path = join(root, 'api', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
