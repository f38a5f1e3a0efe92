import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileWatch } from './file-watch.ts';

let folder: string;
let path: string;
let seen: (string | undefined)[];
let watches: FileWatch[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexus-watch-'));
  path = join(folder, 'nexus.toml');
  seen = [];
  watches = [];
  writeFileSync(path, 'one');
});
afterEach(() => {
  for (const watch of watches) watch.close();
  rmSync(folder, { recursive: true });
});

function watch(interval = 60_000, file = path): void {
  watches.push(new FileWatch(file, 'one', (content) => seen.push(content), { quiet: 20, interval }));
}

const told = (...contents: (string | undefined)[]) =>
  expect.poll(() => seen, { timeout: 5000, interval: 10 }).toEqual(contents);

describe('a watched file', () => {
  it('is reported when it has been written', async () => {
    watch();
    writeFileSync(path, 'two');
    await told('two');
    writeFileSync(path, 'three');
    await told('two', 'three');
  });

  it('is reported when it changed before anybody watched', async () => {
    writeFileSync(path, 'two');
    watch();
    await told('two');
  });

  it('is reported when another file has taken its place, again and again', async () => {
    watch();
    for (const [index, content] of ['two', 'three', 'four'].entries()) {
      writeFileSync(join(folder, '.swap'), content);
      renameSync(join(folder, '.swap'), path);
      await expect.poll(() => seen, { timeout: 5000, interval: 10 }).toHaveLength(index + 1);
    }
    expect(seen).toEqual(['two', 'three', 'four']);
  });

  it('is reported once when it was written in pieces', async () => {
    watch();
    for (const content of ['', 't', 'tw', 'two']) writeFileSync(path, content);
    await told('two');
  });

  it('is not reported when it holds the same again, or a neighbour changes', async () => {
    watch();
    writeFileSync(join(folder, 'other.toml'), 'x');
    writeFileSync(path, 'one');
    writeFileSync(join(folder, '.swap'), 'one');
    renameSync(join(folder, '.swap'), path);
    // What comes afterwards comes first.
    writeFileSync(path, 'two');
    await told('two');
  });

  it('is reported while a neighbour is written to all the time', async () => {
    watch();
    const log = setInterval(() => writeFileSync(join(folder, 'log'), String(Math.random())), 5);
    writeFileSync(path, 'two');
    await told('two').finally(() => clearInterval(log));
  });

  it('is reported as gone, and when it is back', async () => {
    watch();
    rmSync(path);
    await told(undefined);
    writeFileSync(path, 'back');
    await told(undefined, 'back');
  });

  it('is followed when a mounted volume changes its version by a link', async () => {
    const mount = join(folder, 'mount');
    mkdirSync(join(mount, '..v1'), { recursive: true });
    writeFileSync(join(mount, '..v1', 'nexus.toml'), 'one');
    symlinkSync('..v1', join(mount, '..data'));
    symlinkSync(join('..data', 'nexus.toml'), join(mount, 'nexus.toml'));
    watch(60_000, join(mount, 'nexus.toml'));
    mkdirSync(join(mount, '..v2'));
    writeFileSync(join(mount, '..v2', 'nexus.toml'), 'two');
    symlinkSync('..v2', join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    rmSync(join(mount, '..v1'), { recursive: true });
    await told('two');
  });

  it('is followed to a folder behind a link', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'nexus-watch-'));
    try {
      writeFileSync(join(elsewhere, 'real.toml'), 'one');
      symlinkSync(join(elsewhere, 'real.toml'), join(folder, 'link.toml'));
      watch(50, join(folder, 'link.toml'));
      writeFileSync(join(elsewhere, 'real.toml'), 'two');
      await told('two');
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('is noticed by looking where nothing is reported, as when its folder is not there yet', async () => {
    const late = join(folder, 'late');
    watch(30, join(late, 'nexus.toml'));
    await told(undefined);
    mkdirSync(late);
    writeFileSync(join(late, 'nexus.toml'), 'two');
    await told(undefined, 'two');
  });

  it('is not reported after the end', async () => {
    watch();
    watches[0]?.close();
    writeFileSync(path, 'two');
    const other: (string | undefined)[] = [];
    watches.push(new FileWatch(path, 'one', (content) => other.push(content), { quiet: 20 }));
    await expect.poll(() => other, { timeout: 5000 }).toEqual(['two']);
    expect(seen).toEqual([]);
  });
});
