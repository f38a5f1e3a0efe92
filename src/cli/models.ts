import type { ModelInfo, ModelOverview } from '../core/index.ts';
import { columns } from './columns.ts';
import { type Console, INTERRUPTED, type Paint, paintFor, writeJson } from './console.ts';
import { openInstance } from './instance.ts';
import { untilStop, withProgress } from './progress.ts';

/** `nexus models`: what clients can name. Returns the exit status: 1 where a provider could not be asked. */
export async function runModels(file: string, json: boolean, console: Console): Promise<number> {
  await using opened = await openInstance(file, console);
  if (opened === undefined) return 1;
  const asking = untilStop(console, opened.nexus.listModels());
  const overview = await withProgress(console, 'Asking the providers for their models', asking);
  if (overview === undefined) return INTERRUPTED;
  if (json) writeJson(console.stdout, overview);
  else console.stdout.write(listing(overview, paintFor(console.stdout, console.env)));
  for (const { provider, message } of json ? [] : overview.failures) {
    console.stderr.write(`${provider}: could not be asked for its models: ${message}\n`);
  }
  if (!json && overview.models.length + overview.routes.length === 0) {
    console.stderr.write('No model is known; any model of a provider can be called as provider/model\n');
  }
  return overview.failures.length === 0 ? 0 : 1;
}

function listing({ models, routes }: ModelOverview, paint: Paint): string {
  const lines: string[] = [];
  if (routes.length > 0) {
    lines.push(paint.bold('Routes'));
    lines.push(...columns(routes.map(({ name, strategy, targets }) => [name, strategy, targets.join(', ')])));
    if (models.length > 0) lines.push('');
  }
  if (models.length > 0) {
    const [head = '', ...rows] = columns(
      [['Models', 'provider', 'reads', '$/M in', '$/M out', ''], ...models.map((model) => [...row(model), ''])],
      '',
    );
    lines.push(paint.bold(`${head}`), ...rows.map((line) => line));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function row({ id, provider, contextWindow, price }: ModelInfo): string[] {
  return [
    `  ${id}`,
    provider,
    contextWindow === undefined ? '-' : tokens(contextWindow),
    price?.input ?? '-',
    price?.output ?? '-',
  ];
}

/** 200000 → `200K`, 1048576 → `1M`: to compare by eye, not to count with. */
function tokens(count: number): string {
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(1))}M`;
  return count >= 1000 ? `${Math.round(count / 1000)}K` : String(count);
}
