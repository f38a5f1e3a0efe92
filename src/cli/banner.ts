// What `nexus serve` says once it is ready: where it listens, what is mounted, what to try.
import type { ParsedConfig, ParsedProvider } from '../core/config/index.ts';
import type { EndpointInfo } from '../core/index.ts';
import type { Paint } from './console.ts';

export interface BannerFacts {
  readonly url: string;
  /** Where the health endpoint is, when it has a listener of its own. */
  readonly healthUrl?: string | undefined;
  readonly endpoints: readonly EndpointInfo[];
  readonly config: ParsedConfig;
  /** Providers the fake provider stands in for. */
  readonly demo: ReadonlySet<string>;
}

const CHAT = '/chat/completions';

/** The first line stands alone and never changes its form: programs wait for it. */
export function banner(facts: BannerFacts, paint: Paint): string {
  const lines = [
    `nexus listening on ${facts.url}`,
    '',
    paint.bold('Endpoints'),
    ...facts.endpoints.map((endpoint) => endpointLine(endpoint, facts, paint)),
    ...providerLines(facts, paint),
    ...(facts.demo.size === 0
      ? []
      : [paint.dim('  demo: no key, so the built-in fake provider answers; nothing is sent anywhere')]),
    ...trials(facts, paint),
  ];
  return `${lines.join('\n')}\n`;
}

function endpointLine({ name, method, paths }: EndpointInfo, { healthUrl }: BannerFacts, paint: Paint): string {
  const [first = '', ...others] = healthUrl === undefined ? paths : (healthPlaces(healthUrl).get(name) ?? paths);
  const also = others.length === 0 ? '' : paint.dim(`  also ${others.join(', ')}`);
  return `  ${method.padEnd(5)} ${first}${also}`;
}

/** By the name of the endpoint, where the two have a listener of their own. */
function healthPlaces(url: string): ReadonlyMap<string, readonly string[]> {
  return new Map([
    ['health', [url]],
    ['health.ready', [`${url.replace(/\/$/, '')}/ready`]],
  ]);
}

function providerLines(facts: BannerFacts, paint: Paint): string[] {
  const providers = Object.values(facts.config.llm.providers);
  if (providers.length === 0) return [];
  return ['', paint.bold('Providers'), ...providers.map((provider) => providerLine(provider, facts, paint))];
}

function providerLine(provider: ParsedProvider, { config, demo }: BannerFacts, paint: Paint): string {
  const width = Math.max(...Object.keys(config.llm.providers).map((name) => name.length));
  const state = demo.has(provider.name) ? 'demo' : provider.apiKey === undefined ? 'no key' : 'real';
  const listed = Object.keys(provider.models);
  const open = provider.modelsOnly ? [] : [paint.dim(listed.length === 0 ? 'any model' : 'and any other')];
  return `  ${provider.name.padEnd(width)}  ${state.padEnd(6)}  ${[...listed, ...open].join(', ')}`;
}

function trials({ url, endpoints, config }: BannerFacts, paint: Paint): string[] {
  const paths = endpoints.flatMap((endpoint) => endpoint.paths);
  const chat = paths.find((path) => path.endsWith(`/v1${CHAT}`));
  if (chat === undefined || Object.keys(config.llm.providers).length === 0) {
    const mcp = endpoints.find(({ name }) => name === 'mcp')?.paths[0];
    if (mcp === undefined) return [];
    return ['', paint.bold('Try'), paint.dim(`  give any MCP client the URL ${reachable(url)}${mcp}`)];
  }
  const base = `${reachable(url)}${chat.slice(0, -CHAT.length)}`;
  const model = someModel(config);
  const call = (flags: string, body: object) =>
    `curl ${flags} ${base}${CHAT} -H 'content-type: application/json' -d ${quoted(JSON.stringify(body))}`;
  const ask = (content: string) => ({ model, messages: [{ role: 'user', content }] });
  return [
    '',
    paint.bold('Try'),
    paint.accent(`  ${call('-s', ask('Say hello'))}`),
    paint.accent(`  ${call('-sN', { ...ask('Write a haiku'), stream: true })}`),
    paint.accent(`  curl -s ${base}/models`),
    paint.dim(`  or give any OpenAI SDK the base URL ${base}`),
  ];
}

/** An address that means "everywhere" cannot be called everywhere. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

/** The first model that is listed; where none is, one that the first provider's vendor has. */
function someModel(config: ParsedConfig): string {
  const providers = Object.values(config.llm.providers);
  for (const { name, models } of providers) {
    for (const id of Object.keys(models)) return `${name}/${id}`;
  }
  const [first] = providers;
  return `${first?.name}/${first?.type === 'anthropic' ? 'claude-haiku-4-5' : 'gpt-5-mini'}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
