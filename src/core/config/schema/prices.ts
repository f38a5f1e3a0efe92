// What models cost: prices given in the configuration, and the list for all others.
import * as z from 'zod';

/** US dollars per million tokens above which a price is more likely a slip (per token, per thousand) than meant. */
const DEAR = 1000;
/** Finer than any price list; keeps amounts exact. */
const MOST_DECIMALS = 12;

function price(what: string) {
  return z
    .number()
    .min(0)
    .max(1e9)
    .refine((value) => decimals(value) <= MOST_DECIMALS, `must have at most ${MOST_DECIMALS} decimals`)
    .optional()
    .describe(what);
}

function decimals(value: number): number {
  const [, fraction = '', exponent = '0'] = /^\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}

const perMillion = (what: string, otherwise = '') => price(`US dollars per million ${what}${otherwise}`);

const ratesShape = {
  input: perMillion('tokens that are read'),
  output: perMillion('tokens that are written'),
  cacheRead: perMillion("tokens read from the vendor's prompt cache", '. Default: `input`'),
  cacheWrite: perMillion("tokens written to the vendor's prompt cache", '. Default: `input`'),
  cacheWriteHour: perMillion('tokens written to that cache for an hour', '. Default: `cacheWrite`'),
  reasoning: perMillion('tokens of reasoning', '. Default: `output`'),
  audioInput: perMillion('tokens of sound that are read', '. Default: `input`'),
  audioOutput: perMillion('tokens of sound that are written', '. Default: `output`'),
  request: price('US dollars per request, besides its tokens'),
  search: price('US dollars per search the vendor makes for the model'),
};

export const modelPriceSchema = z
  .strictObject({
    ...ratesShape,
    confirmPrice: z
      .boolean()
      .default(false)
      .describe(
        'Must be true for a price above $1 per thousand tokens, which is a slip of the unit more often than not',
      ),
  })
  .superRefine(({ confirmPrice, request, search, ...rates }, context) => {
    const given = Object.entries(rates).filter(([, value]) => value !== undefined);
    if (given.length === 0 && request === undefined && search === undefined) {
      context.addIssue('must give at least one price; a model that is free has input = 0 and output = 0');
    }
    if (confirmPrice) return;
    for (const [name, value] of given) {
      if (value === undefined || value <= DEAR) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'is more than $1 per thousand tokens; prices are per million (confirm_price = true if it is meant)',
      });
    }
  })
  .describe('What the model costs here, instead of what price lists say');

export const pricesSchema = z
  .strictObject({
    file: z
      .string()
      .min(1, 'must not be empty')
      .optional()
      .describe(
        "A price list in the form of LiteLLM's `model_prices_and_context_window.json`, asked before the one that comes with the package. Read once, when a price is first needed",
      ),
  })
  .prefault({});
