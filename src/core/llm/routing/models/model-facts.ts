import type { ParsedModel } from '../../../config/resolve.ts';
import type { Capability } from '../../../config/route-words.ts';
import { priceKeys } from '../../metering/prices/price-keys.ts';
import type { Target } from '../../providers/target.ts';

/** What is known of a model besides its price. */
export interface ModelFacts {
  /** Absent: nobody knows. Then it can chat, and perhaps more. */
  readonly capabilities: ReadonlySet<Capability> | undefined;
  /** Most tokens it reads. Absent: nobody knows. */
  readonly contextWindow: number | undefined;
}

/** As `scripts/model-list.mjs` writes them. */
const LETTERS: ReadonlyMap<string, Capability> = new Map([
  ['t', 'tools'],
  ['p', 'parallel_tools'],
  ['i', 'images'],
  ['a', 'audio'],
  ['d', 'pdf'],
  ['j', 'json_schema'],
  ['r', 'reasoning'],
]);

/** The package's list of models, by id. */
export type ModelList = ReadonlyMap<string, string>;

let shipped: ModelList | undefined;

/** The list, if it has been loaded before. */
export function readyModelList(): ModelList | undefined {
  return shipped;
}

/** The list of the package is the same for every instance: it is read once. */
export async function openModelList(): Promise<ModelList> {
  if (shipped === undefined) {
    const { SHIPPED_MODELS } = await import('./shipped-models.ts');
    const rows = SHIPPED_MODELS.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    shipped = new Map(rows.map((line) => [line.slice(0, line.indexOf(' ')), line]));
  }
  return shipped;
}

/** What the configuration says of a model, else what the list says of the same model at the same vendor. */
export function factsOf(
  { provider, model }: Pick<Target, 'model'> & { readonly provider: { readonly kind: string } },
  configured: Pick<ParsedModel, 'capabilities' | 'contextWindow'> | undefined,
  list: ModelList,
): ModelFacts {
  const listed = listedFacts(provider.kind, model, list);
  return {
    capabilities: configured?.capabilities === undefined ? listed?.capabilities : new Set(configured.capabilities),
    contextWindow: configured?.contextWindow ?? listed?.contextWindow,
  };
}

function listedFacts(kind: string, model: string, list: ModelList): ModelFacts | undefined {
  const { ids, billers } = priceKeys(kind, model);
  for (const id of ids) {
    const [, biller = '', window = '0', letters = ''] = list.get(id)?.split(' ') ?? [];
    if (!billers.has(biller)) continue;
    const capabilities = new Set<Capability>();
    for (const letter of letters) {
      const capability = LETTERS.get(letter);
      if (capability !== undefined) capabilities.add(capability);
    }
    return { capabilities, contextWindow: Number(window) || undefined };
  }
  return undefined;
}
