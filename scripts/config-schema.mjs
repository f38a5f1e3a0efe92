/*
 * Writes schema/nexus.schema.json: the JSON Schema of a configuration file as TOML spells it, made from the zod schema, so
 * that editors complete, explain and mark what stands in a file that begins with `#:schema`. Draft 7 without references:
 * what the language servers for TOML (taplo, tombi) understand alike.
 *
 *   node scripts/config-schema.mjs [--check]
 */
import { fileURLToPath } from 'node:url';
import { formatted, keepFresh } from './generated-file.mjs';
import { loadConfigSchema } from './load-config-schema.mjs';

const TARGET = 'schema/nexus.schema.json';

/** A text may hold {{ env.NAME }}, whatever it must look like once that has been filled in. */
const VARIABLE = String.raw`\{\{`;

/** Texts that only a parser can judge. An editor marks what is surely wrong; `nexus check` has the last word. */
const FORMS = new Map([
  ['duration', { pattern: String.raw`^\s*\d[\d\sA-Za-zµμ.+*]*$` }],
  ['size', { pattern: String.raw`^\s*\d+(?:\.\d+)?\s*(?:[kKmMgG](?:[iI]?[bB])?|[bB])?\s*$` }],
  ['url', { pattern: String.raw`^\s*(?:https?|HTTPS?)://` }],
  ['redis-url', { pattern: String.raw`^\s*(?:rediss?|REDISS?)://` }],
  ['address', { pattern: String.raw`:\d{1,5}\s*$` }],
  ['path', {}],
  ['pattern', {}],
  ['secret', {}],
]);

const SAFE = Number.MAX_SAFE_INTEGER;

/** The schema as data. With `forms`, each text keeps the name of its form, for the reference. */
export async function configJsonSchema({ forms = false } = {}) {
  const { z, configSchema } = await loadConfigSchema();
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', target: 'draft-7' });
  const speller = new Speller(keysOf(schema, new Set()));
  const { $schema, ...root } = rewrite(schema, speller, forms);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $comment: 'Generated from the schema in src/core/config/schema by scripts/config-schema.mjs; do not edit.',
    title: 'Nexus configuration',
    ...root,
  };
}

/** TOML's spelling of the schema's keys, and of these keys where descriptions quote them. */
class Speller {
  #known;

  constructor(known) {
    this.#known = known;
  }

  key(name) {
    return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }

  text(description) {
    return description.replaceAll(/`[^`]+`/g, (quoted) =>
      quoted.replaceAll(/[a-z]\w*/g, (word) => (this.#known.has(word) ? this.key(word) : word)),
    );
  }
}

/** All keys that tables of the schema have. */
function keysOf(schema, keys) {
  if (Array.isArray(schema)) for (const item of schema) keysOf(item, keys);
  else if (typeof schema === 'object' && schema !== null) {
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties') for (const name of Object.keys(value)) keys.add(name);
      keysOf(value, keys);
    }
  }
  return keys;
}

function rewrite(schema, speller, forms) {
  const { description, properties, required, additionalProperties, items, anyOf, oneOf, form, ...rest } = schema;
  const { propertyNames, default: standard, const: only, enum: names, pattern, minimum, maximum, ...plain } = rest;
  const again = (inner) => rewrite(inner, speller, forms);
  const result = {};
  if (description !== undefined) result.description = speller.text(description);
  if (description?.startsWith('Deprecated')) Object.assign(result, { deprecated: true, 'x-taplo': { hidden: true } });
  const shown = standard === undefined ? undefined : spelled(standard, schema, speller);
  if (shown !== undefined) result.default = shown;
  Object.assign(result, plain);
  if (forms && form !== undefined) result.form = form;
  if (minimum !== undefined && minimum > -SAFE) result.minimum = minimum;
  if (maximum !== undefined && maximum < SAFE) result.maximum = maximum;
  const shape = form === undefined ? pattern : formOf(form).pattern;
  if (shape !== undefined) result.pattern = `(?:${shape})|${VARIABLE}`;
  if (form === 'duration' && plain.type.includes('number')) result.minimum = 0;
  // A tag tells the options of a union apart: it is one text and no other.
  if (only !== undefined) result.enum = [only];
  if (names !== undefined) Object.assign(result, enumOf(names, result, forms));
  if (items !== undefined) result.items = again(items);
  const options = anyOf ?? oneOf;
  if (options !== undefined) result.anyOf = options.map(again);
  if (properties !== undefined) {
    const members = Object.entries(properties).map(([key, member]) => [speller.key(key), again(member)]);
    result.properties = Object.fromEntries(members);
  }
  if (required !== undefined) result.required = required.map((key) => speller.key(key));
  if (additionalProperties !== undefined)
    result.additionalProperties =
      typeof additionalProperties === 'object' ? again(additionalProperties) : additionalProperties;
  return result;
}

function enumOf(names, { type }, forms) {
  if (forms || type !== 'string') return { enum: names };
  return { anyOf: [{ enum: names }, { pattern: VARIABLE }] };
}

function formOf(form) {
  const known = FORMS.get(form);
  if (known === undefined) throw new Error(`Say in scripts/config-schema.mjs what the form "${form}" looks like`);
  return known;
}

/** A default with TOML's keys; nothing where it says nothing. */
function spelled(value, schema, speller) {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 0) return undefined;
  const known = schema.properties ?? {};
  return Object.fromEntries(entries.map(([key, one]) => [key in known ? speller.key(key) : key, one]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = formatted(TARGET, JSON.stringify(await configJsonSchema(), undefined, 2));
  await keepFresh(TARGET, text, 'node scripts/config-schema.mjs', process.argv.includes('--check'));
}
