import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * The documentation as a site: every page is there, every link leads somewhere, and a browser shows it without a complaint,
 * without asking anybody else for anything, and without a page that is wider than its screen.
 */

const BROWSER = '/usr/bin/chromium';
/** Continuous integration has it; elsewhere the tests that need it are left out. */
const hasBrowser = existsSync(BROWSER) || process.env['CI'] === 'true';
if (!hasBrowser) console.log(`the site is not looked at: there is no ${BROWSER}`);

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nexus-site-'));
let pages: string[];

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'scripts/site.mjs'), folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (path: string) => readFileSync(join(folder, path), 'utf8');

describe('the site', () => {
  it('has every page of the documentation', () => {
    const sources = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
    const expected = sources.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`);
    for (const path of ['README.md', 'ARCHITECTURE.md', ...expected]) {
      expect(pages).toContain(path.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html'));
    }
  });

  it('has no link that leads nowhere', () => {
    const broken: string[] = [];
    for (const path of pages) {
      for (const [, href = ''] of read(path).matchAll(/<(?:a|link)\b[^>]* href="([^"]*)"/g)) {
        if (/^(?:https?:|mailto:|data:)/.test(href)) continue;
        const target = new URL(href, pathToFileURL(join(folder, path)));
        const file = fileURLToPath(new URL(target.pathname, 'file://'));
        const isThere = existsSync(file) && (target.hash === '' || hasAnchor(file, target.hash.slice(1)));
        if (!isThere) broken.push(`${path}: ${href}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('runs no script and names nobody else but in links', () => {
    for (const path of pages) {
      expect(read(path), path).not.toMatch(/<(?:script|iframe|img|object|embed)\b/);
      expect(read(path), path).not.toMatch(/<link\b[^>]* href="https?:/);
    }
    expect(read('site.css')).not.toMatch(/@import|url\(/);
  });
});

function hasAnchor(file: string, anchor: string): boolean {
  return readFileSync(file, 'utf8').includes(`id="${decodeURIComponent(anchor)}"`);
}

describe.skipIf(!hasBrowser)('in a browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
    browser = await chromium.launch({ executablePath: BROWSER, args });
  });
  afterAll(() => browser.close());

  it.each([
    [360, 'light'],
    [1280, 'dark'],
  ] as const)('fits a screen of %i pixels, %s', { timeout: 120_000 }, async (width, colorScheme) => {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const heard: string[] = [];
    page.on('console', (message) => heard.push(message.text()));
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('request', (request) => {
      if (!/^(?:file|data):/.test(request.url())) heard.push(`a request to ${request.url()}`);
    });
    const complaints: string[] = [];
    for (const path of pages) {
      await page.goto(pathToFileURL(join(folder, path)).href);
      complaints.push(...(await complaintsAbout(page)).map((complaint) => `${path}: ${complaint}`));
    }
    expect(heard).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('leads from page to page', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(pathToFileURL(join(folder, 'index.html')).href);
    await page.getByRole('navigation').getByRole('link', { name: 'Limits' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Limits');
    expect(await page.locator('nav [aria-current]').textContent()).toBe('Limits');
    await page.locator('footer a').last().click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).not.toBe('Limits');
    await page.close();
  });
});

/** What is wrong with the page as it is laid out. Runs in the browser, whose names this program does not know: as text. */
async function complaintsAbout(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const found = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push('is ' + (scrollWidth - clientWidth) + ' pixels too wide');
    if (document.querySelectorAll('h1').length !== 1) found.push('has not one first heading');
    let before = 1;
    for (const heading of document.querySelectorAll('main :is(h1, h2, h3, h4)')) {
      const level = Number(heading.tagName[1]);
      if (level > before + 1) found.push('skips a level before ' + heading.textContent);
      before = level;
    }
    if (document.title === '') found.push('has no title');
    return found;
  })()`);
}
