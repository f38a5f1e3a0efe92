// Any input → a validated, frozen configuration, or one error that lists everything that is wrong with it.
import { camelize, type Spelling } from './casing.ts';
import { type CrossIssue, crossCheck, hasUpstream } from './cross-check.ts';
import { type ConfigIssue, configError, formatIssue, formatPath } from './issues.ts';
import { type ParsedConfig, resolveConfig } from './resolve.ts';
import { type KnownKind, PROVIDER_KINDS } from './schema/kinds.ts';
import { configSchema, configSchemaFor } from './schema/root.ts';
import { schemaIssues } from './schema-issues.ts';

export interface ParseResult {
  readonly config: ParsedConfig;
  /** One sentence each, for a log. */
  readonly warnings: readonly string[];
}

/** What came of judging a configuration; `config` is there exactly when there are no issues. */
export interface Judgement {
  readonly config: ParsedConfig | undefined;
  /** The input with the schema's keys in camelCase. */
  readonly input: unknown;
  readonly issues: readonly ConfigIssue[];
  readonly warnings: readonly string[];
}

export interface ParseOptions {
  /** Kinds of provider beside the built-in ones; provider definitions are such. */
  readonly kinds?: readonly KnownKind[] | undefined;
  /** Whether there are MCP servers or tools that are code: then a configuration without any upstream is whole. */
  readonly mcpInCode?: boolean | undefined;
  /** Whether the application says in code who calls: then limits of callers need no identification that is configured. */
  readonly identifies?: boolean | undefined;
}

/** How the input was written; decides the spelling of keys in reports. */
export type ConfigForm = 'object' | 'toml';

/**
 * Validates a configuration. Keys may be camelCase or snake_case.
 *
 * Throws `config_invalid`; its message lists all problems, one a line, and `configIssues(error)` gives them as data.
 */
export function parseConfig(input: unknown, options: ParseOptions = {}): ParseResult {
  const { config, issues, warnings } = judgeConfig(input, 'object', options);
  if (config === undefined) throw configError(issues);
  return { config, warnings };
}

/** `parseConfig` that reports instead of throwing. */
export function judgeConfig(
  raw: unknown,
  form: ConfigForm,
  { kinds = [], mcpInCode = false, identifies = false }: ParseOptions = {},
): Judgement {
  const schema =
    kinds.length === 0 ? configSchema : configSchemaFor([...PROVIDER_KINDS, ...kinds.map(({ kind }) => kind)]);
  const { value: input, issues: caseIssues, spelling } = camelize(raw, schema, form === 'toml');
  const result = schema.safeParse(input);
  if (!result.success) {
    const issues = [...caseIssues, ...schemaIssues(result.error, input, schema, spelling)];
    return { config: undefined, input, issues, warnings: [] };
  }
  const config = resolveConfig(result.data);
  const found = crossCheck(result.data, config, kinds, identifies);
  const spell = (issue: CrossIssue): ConfigIssue => ({ ...issue, path: spelt(issue.path, input, spelling) });
  const issues = [...caseIssues, ...found.issues.map(spell)];
  if (issues.length === 0 && !hasUpstream(config) && !(mcpInCode && config.mcp.enabled))
    issues.push({ path: '', message: nothingConfigured(form) });
  const warnings = found.warnings.map((warning) => formatIssue(spell(warning)));
  return { config: issues.length === 0 ? config : undefined, input, issues, warnings };
}

/** Names of records are the user's own, and stand in the spelling like all keys that were written. */
function spelt(path: readonly PropertyKey[], document: unknown, spelling: Spelling): string {
  let value = document;
  const written: PropertyKey[] = [];
  for (const key of path) {
    written.push(spelling.of(value, key));
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
  }
  return formatPath(written);
}

function nothingConfigured(form: ConfigForm): string {
  const sample =
    form === 'toml'
      ? `llm.providers.openai = { type = "openai", api_key = '{{ env.OPENAI_API_KEY }}' }`
      : `{ llm: { providers: { openai: { type: 'openai', apiKey: process.env.OPENAI_API_KEY } } } }`;
  return `nothing is configured, so there is nothing to serve; add a provider or an MCP server (and leave llm or mcp enabled), for example ${sample}`;
}
