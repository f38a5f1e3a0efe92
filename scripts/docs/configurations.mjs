/*
 * Every ```toml block is read by the loader that `nexus check` uses. A block shows what it is about and leaves the rest
 * out, so it is completed first with docs/fragments.toml: what the block says goes before. Blocks for other
 * programs say whose they are after the language: ```toml codex.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from 'nexus-ai/config';
import { parse, stringify } from 'smol-toml';
import { root } from './pages.mjs';

const REST = readFileSync(join(root, 'docs/fragments.toml'), 'utf8');

export function checkConfigurations(pages) {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-docs-'));
  const path = join(folder, 'nexus.toml');
  const complaints = [];
  try {
    for (const { file, line, body } of ours(pages)) {
      try {
        writeFileSync(path, stringify(completed(parse(body), parse(REST))));
        loadConfig(path, { env: environmentOf(body), identifies: false });
      } catch (error) {
        complaints.push(`${file}:${line} ${String(error.message).replaceAll(path, 'the configuration')}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return complaints;
}

export function ours(pages) {
  const blocks = [...pages.values()].flatMap((page) => page.blocks);
  return blocks.filter(({ language, note }) => language === 'toml' && note === '');
}

/** Every variable that is asked for is set; those that hold addresses hold one. */
function environmentOf(text) {
  const names = [...text.matchAll(/\benv\.(\w+)/g)].map(([, name]) => name);
  return Object.fromEntries(names.map((name) => [name, name.endsWith('URL') ? 'redis://127.0.0.1' : 'value']));
}

function completed(block, rest) {
  const whole = { ...rest, ...block };
  for (const [key, value] of Object.entries(rest)) {
    if (isTable(value) && isTable(block[key])) whole[key] = completed(block[key], value);
  }
  return whole;
}

function isTable(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
