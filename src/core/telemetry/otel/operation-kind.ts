// What an endpoint does, in the words of OpenTelemetry.

/** One kind of work for language models. */
export interface ModelOperation {
  /** `gen_ai.operation.name` */
  readonly name: 'chat.completions' | 'embeddings' | 'count_tokens' | 'list_models';
  /** Name of its span; of a streamed answer `_stream` is added. */
  readonly span: string;
}

const CHAT: ModelOperation = { name: 'chat.completions', span: 'llm:chat_completion' };
const EMBEDDINGS: ModelOperation = { name: 'embeddings', span: 'llm:embeddings' };
const COUNT_TOKENS: ModelOperation = { name: 'count_tokens', span: 'llm:count_tokens' };
const LIST_MODELS: ModelOperation = { name: 'list_models', span: 'llm:list_models' };

const OF_ENDPOINTS: ReadonlyMap<string, ModelOperation> = new Map([
  ['openai.chat.completions', CHAT],
  ['openai.responses', CHAT],
  ['anthropic.messages', CHAT],
  ['google.generateContent', CHAT],
  ['openai.embeddings', EMBEDDINGS],
  ['anthropic.messages.count_tokens', COUNT_TOKENS],
  ...['openai', 'anthropic', 'google'].flatMap((dialect) => [
    [`${dialect}.models`, LIST_MODELS] as const,
    [`${dialect}.model`, LIST_MODELS] as const,
  ]),
]);

/** What a request of this endpoint asks of language models, if anything. */
export function modelOperation(endpoint: string): ModelOperation | undefined {
  return OF_ENDPOINTS.get(endpoint);
}

/** How MCP methods are measured: by which instrument, and under which name. */
export const MCP_METHODS: ReadonlyMap<string, { readonly instrument: string; readonly method: string }> = new Map([
  ['tools/list', { instrument: 'mcp.tools.list.duration', method: 'list_tools' }],
  ['prompts/list', { instrument: 'mcp.prompt.request.duration', method: 'list_prompts' }],
  ['prompts/get', { instrument: 'mcp.prompt.request.duration', method: 'get_prompt' }],
  ['resources/list', { instrument: 'mcp.resource.request.duration', method: 'list_resources' }],
  ['resources/templates/list', { instrument: 'mcp.resource.request.duration', method: 'list_resource_templates' }],
  ['resources/read', { instrument: 'mcp.resource.request.duration', method: 'read_resource' }],
]);
