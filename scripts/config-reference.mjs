/*
 * Writes docs/reference/configuration.md: every key of a configuration file with its type, default, meaning and an example,
 * made from the zod schema. The examples are the values of docs/reference/nexus.toml, which has to show every key.
 *
 *   node scripts/config-reference.mjs [--check]
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'smol-toml';
import { configJsonSchema } from './config-schema.mjs';
import { keepFresh } from './generated-file.mjs';

const TARGET = 'docs/reference/configuration.md';
const EXAMPLES = fileURLToPath(new URL('../docs/reference/nexus.toml', import.meta.url));

/** What stands for a name the operator chooses, by the place of the table that holds it. */
const CHOSEN = new Map([
  ['llm.providers.*.models', 'model'],
  ['mcp.servers.*.tools', 'tool'],
  ['mcp.servers.*.rate_limits.tools', 'tool'],
  ['server.rate_limits.per_client.groups', 'group'],
  ['llm.providers.*.rate_limits.per_user.groups', 'group'],
  ['llm.providers.*.models.*.rate_limits.per_user.groups', 'group'],
]);

const TYPES = new Map([
  ['duration', '[duration](#values)'],
  ['size', '[size](#values)'],
  ['url', 'URL'],
  ['redis-url', '`redis://` URL'],
  ['address', '`host:port`'],
  ['path', 'path'],
  ['secret', '[secret](#values)'],
  ['pattern', 'regular expression'],
]);

const LONGEST_EXAMPLE = 60;

const INTRODUCTION = `# Configuration reference

Every key of a configuration file. Generated from the schema by \`scripts/config-reference.mjs\`: what stands here is what
[\`nexus check\`](../guide/cli.md) knows. [nexus.toml](nexus.toml) shows all of them in one file. In code the same keys are
written in camelCase (\`listenAddress\`); snake_case is understood there too.

A file that begins with the line \`#:schema ./node_modules/nexus-ai/schema/nexus.schema.json\` is completed, explained and
checked in editors that know TOML schemas.

## Values

- A **duration** is text: \`"90s"\`, \`"1h30m"\`, \`"1m + 30s"\`, \`"250ms"\`; a number is seconds. A month has 30 days.
- A **size** is text, \`"32MiB"\` or \`"10MB"\`, or a number of bytes.
- **Any text** may hold \`{{ env.NAME }}\`, which the environment fills in, or \`{{ env.NAME | "default" }}\`.
- A **secret** is shown nowhere: not in logs, not in errors, not in what the configuration prints as.
- Names in \`<…>\` are yours to choose.
`;

/** The text of the page for the schema as it is now. Throws for a key without a description or an example. */
export async function configReference() {
  const schema = await configJsonSchema({ forms: true });
  const examples = parse(await readFile(EXAMPLES, 'utf8'));
  const tables = new Tables();
  for (const [key, member] of Object.entries(schema.properties)) tables.gather(key, member, [examples[key]]);
  const sections = tables.all().map((table) => sectionOf(table, tables));
  const missing = tables.all().flatMap(keysWithoutExample);
  if (missing.length > 0)
    throw new Error(`docs/reference/nexus.toml shows no ${missing.join(', no ')}; each key needs an example`);
  const contents = tables.all().map(({ place }) => `- [\`${shown(place)}\`](#${anchor(place)})`);
  return `${INTRODUCTION}\n## Tables\n\n${contents.join('\n')}\n\n${sections.join('\n').trimEnd()}\n`;
}

/** The tables there are, in the order of the schema; tables of the same shape are one, that of the first place. */
class Tables {
  #byShape = new Map();

  all() {
    return [...this.#byShape.values()];
  }

  /** Takes in what stands at `place`: a table, its items, its members by name, the options of a choice. */
  gather(place, schema, values) {
    if (schema.deprecated === true) return;
    if (schema.properties !== undefined) this.#take(place, schema, values.filter(isTable));
    if (schema.items !== undefined) this.gather(`${place}[]`, schema.items, values.flat());
    if (typeof schema.additionalProperties === 'object') {
      const members = values.filter(isTable).flatMap((table) => Object.values(table));
      this.gather(`${place}.*`, schema.additionalProperties, members);
    }
    for (const option of schema.anyOf ?? []) {
      const tag = tagOf(option);
      if (tag === undefined) this.gather(place, option, values);
      else
        this.gather(
          `${place}:${tag}`,
          option,
          values.filter((value) => value.rule === tag),
        );
    }
  }

  placeOf(schema) {
    return this.#byShape.get(shapeOf(schema))?.place;
  }

  #take(place, schema, values) {
    const shape = shapeOf(schema);
    const known = this.#byShape.get(shape);
    if (known === undefined) this.#byShape.set(shape, { place, schema, values });
    else known.values.push(...values);
    for (const [key, member] of Object.entries(schema.properties)) {
      this.gather(`${place}.${key}`, member, valuesOf(key, values));
    }
  }
}

/** What is the same but for its words is the same. */
function shapeOf(schema) {
  return JSON.stringify(schema, (key, value) => (key === 'description' || key === 'default' ? undefined : value));
}

function valuesOf(key, tables) {
  return tables.flatMap((table) => (key in table ? [table[key]] : []));
}

function keysWithoutExample({ place, schema, values }) {
  const keys = Object.keys(schema.properties).filter((key) => schema.properties[key].deprecated !== true);
  return keys.filter((key) => valuesOf(key, values).length === 0).map((key) => `${place}.${key}`);
}

function sectionOf({ place, schema, values }, tables) {
  const level = place.includes('.') ? '###' : '##';
  const description = schema.description === undefined ? '' : `${sentence(schema.description)}\n\n`;
  const rows = Object.entries(schema.properties).map(([key, member]) => {
    if (member.description === undefined) throw new Error(`Describe "${place}.${key}" in the schema`);
    const plain = valuesOf(key, values).find((value) => !holdsTables(value));
    const isRequired = schema.required?.includes(key) === true;
    return [
      code(key),
      typeOf(member, tables),
      isRequired ? 'required' : member.default === undefined ? '' : code(literal(member.default)),
      sentence(member.description),
      plain === undefined || member.deprecated === true ? '' : code(shortened(plain)),
    ];
  });
  return `${level} \`${shown(place)}\`\n\n${description}${grid(rows)}`;
}

function typeOf(schema, tables) {
  if (schema.form !== undefined) return TYPES.get(schema.form) ?? schema.form;
  if (schema.enum !== undefined) return schema.enum.map((name) => code(literal(name))).join(', ');
  if (schema.anyOf !== undefined) return choice(schema.anyOf.map((option) => typeOf(option, tables)));
  if (Array.isArray(schema.type)) return choice(schema.type.map((type) => typeOf({ ...schema, type }, tables)));
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf(schema.items, tables)}`;
    case 'object':
      return tableType(schema, tables);
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `whole number${bounds(schema)}`;
    case 'number':
      return `number${bounds(schema)}`;
    default:
      return 'anything';
  }
}

function tableType(schema, tables) {
  if (schema.properties !== undefined) {
    const place = tables.placeOf(schema);
    return place === undefined ? 'table' : `[table](#${anchor(place)})`;
  }
  const member = schema.additionalProperties;
  if (typeof member !== 'object' || Object.keys(member).length === 0) return 'table';
  return `table of ${typeOf(member, tables)}`;
}

function tagOf(schema) {
  return schema.properties?.rule?.enum?.[0];
}

/** `llm.providers.*.headers[]:insert` → `llm.providers.<name>.headers[] rule = "insert"` */
function shown(place) {
  const [path, tag] = place.split(':');
  const segments = path.split('.');
  const words = segments.map((segment, index) =>
    segment === '*' ? `<${CHOSEN.get(segments.slice(0, index).join('.')) ?? 'name'}>` : segment,
  );
  return words.join('.') + (tag === undefined ? '' : ` rule = "${tag}"`);
}

/** As renderers of Markdown make them of headings. */
function anchor(place) {
  return shown(place)
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function grid(rows) {
  const table = [['key', 'type', 'default', 'meaning', 'example'], ...rows];
  const [head, ...body] = table.map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  return `${head}\n| --- | --- | --- | --- | --- |\n${body.join('\n')}\n`;
}

/** A bar would end the cell, in code as well. */
function escaped(cell) {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function choice(types) {
  return [...new Set(types)].join(' or ');
}

function bounds({ minimum, maximum }) {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, from ${minimum}`;
  return maximum === undefined ? '' : `, up to ${maximum}`;
}

/** A value as TOML writes it on one line. */
function literal(value) {
  return isTable(value) ? inlineTable(value) : stringify({ value }).slice('value = '.length).trim();
}

function inlineTable(table) {
  const members = Object.entries(table).map(([key, value]) => `${key} = ${literal(value)}`);
  return `{ ${members.join(', ')} }`;
}

function shortened(value) {
  if (!Array.isArray(value)) return literal(value);
  const whole = literal(value).replace(/^\[ /, '[').replace(/ \]$/, ']');
  if (whole.length <= LONGEST_EXAMPLE) return whole;
  return `[${literal(value[0])}, …]`;
}

function code(text) {
  return `\`${text}\``;
}

function sentence(text) {
  const whole = text.replace(/\.$/, '');
  return `${whole[0].toUpperCase()}${whole.slice(1)}.`;
}

function isTable(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function holdsTables(value) {
  return isTable(value) || (Array.isArray(value) && value.some(isTable));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await keepFresh(
    TARGET,
    await configReference(),
    'node scripts/config-reference.mjs',
    process.argv.includes('--check'),
  );
}
