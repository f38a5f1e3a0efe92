import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ToolIndex } from './tool-index.ts';

/*
 * How often the tool that is needed is among the first five. The committed sample is small; where a checkout has the whole
 * development data beside it, that is measured as well, in catalogues of three sizes.
 */

interface RatedTool {
  readonly server: string;
  readonly name: string;
  readonly description?: string;
  readonly inputSchema?: unknown;
}

interface Rated {
  readonly tools: readonly RatedTool[];
  readonly queries: readonly { readonly query: string; readonly relevant: readonly string[] }[];
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const load = (file: string): Rated => JSON.parse(readFileSync(file, 'utf8')) as Rated;
const idOf = ({ server, name }: { readonly server: string; readonly name: string }): string => `${server}__${name}`;

function recall({ tools, queries }: Rated): number {
  const index = new ToolIndex(tools.map((tool, id) => ({ id, inputSchema: undefined, ...tool })));
  const shares = queries.map(({ query, relevant }) => {
    const top = index.search(query, { limit: 5 }).map(({ tool }) => idOf(tool));
    return relevant.filter((id) => top.includes(id)).length / Math.min(5, relevant.length);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** Every n-th tool beside those that the part's queries need. */
function catalogues({ tools, queries }: Rated, size: number, perCatalogue: number): Rated[] {
  const parts: Rated[] = [];
  for (let at = 0; at < perCatalogue * Math.ceil(queries.length / perCatalogue); at += perCatalogue) {
    const own = queries.filter((_, index) => index % Math.ceil(queries.length / perCatalogue) === at / perCatalogue);
    const needed = new Set(own.flatMap(({ relevant }) => relevant));
    const others = tools.filter((tool) => !needed.has(idOf(tool)));
    const every = Math.max(1, Math.floor(others.length / Math.max(1, size - needed.size)));
    const filling = others.filter((_, index) => index % every === 0).slice(0, Math.max(0, size - needed.size));
    parts.push({ tools: [...tools.filter((tool) => needed.has(idOf(tool))), ...filling], queries: own });
  }
  return parts;
}

function meanRecall(parts: readonly Rated[]): number {
  const asked = parts.reduce((sum, { queries }) => sum + queries.length, 0);
  return parts.reduce((sum, part) => sum + recall(part) * part.queries.length, 0) / asked;
}

describe('the right tool is found', () => {
  it('in the sample', () => {
    const sample = load(path('../../../../test/fixtures/tool-search/sample.json'));
    expect(sample.queries.length).toBeGreaterThan(20);
    expect(recall(sample)).toBeGreaterThan(0.8);
  });

  const whole = path('../../../../../shared/data/tool-search/dev.json');
  // The data is too large to commit; the sample above stands in for it elsewhere.
  describe.runIf(existsSync(whole))('in the whole data', { timeout: 120_000 }, () => {
    it.each([
      [100, 20, 0.87],
      [500, 100, 0.78],
      [2500, Number.POSITIVE_INFINITY, 0.7],
    ])('among %i tools', (size, perCatalogue, floor) => {
      const data = load(whole);
      const parts = Number.isFinite(perCatalogue) ? catalogues(data, size, perCatalogue) : [data];
      expect(meanRecall(parts)).toBeGreaterThanOrEqual(floor);
    });
  });
});
