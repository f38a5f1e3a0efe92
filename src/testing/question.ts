// What a request asks, read out of any dialect: all that rules and default answers need to know of it.
import type { FakeProtocol } from './fake-rule.ts';
import { isObject, type JsonObject, listOf, member } from './json-value.ts';

export interface DeclaredTool {
  readonly name: string;
  /** JSON Schema of the arguments. */
  readonly schema: unknown;
}

export interface Question {
  readonly protocol: FakeProtocol;
  readonly model: string;
  readonly stream: boolean;
  /** Whether a stream must report usage; always true but in OpenAI's chat completions. */
  readonly includeUsage: boolean;
  /** Text of the last user message that has any. */
  readonly prompt: string;
  readonly tools: readonly DeclaredTool[];
  /** Whether a tool may, must or must not be called; or the name of the one that must be. */
  readonly toolChoice: 'auto' | 'none' | 'required' | { readonly name: string };
  /** Text of the tool results in the last turn, if it has any. */
  readonly toolResult: string | undefined;
  /** Upper bound of the answer, in tokens. */
  readonly maxTokens: number | undefined;
  /** How many answers are wanted. */
  readonly choices: number;
  /** Characters of everything the model has to read. */
  readonly characters: number;
}

/** Text of a message's content, which is a string or a list of parts; other parts than text are passed over. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => member(part, 'text'))
    .filter((text) => typeof text === 'string')
    .join('');
}

function lastText(messages: readonly unknown[], role: string): string {
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    if (member(messages[at], 'role') !== role) continue;
    const text = textOf(member(messages[at], 'content'));
    if (text !== '') return text;
  }
  return '';
}

function positive(...candidates: unknown[]): number | undefined {
  return candidates.find((value): value is number => typeof value === 'number' && value > 0);
}

const named = (tools: readonly unknown[], schemaOf: (tool: unknown) => unknown): DeclaredTool[] =>
  tools.flatMap((tool) => {
    const name = member(tool, 'name');
    return typeof name === 'string' ? [{ name, schema: schemaOf(tool) }] : [];
  });

const sizeOf = (...parts: unknown[]) =>
  parts.reduce<number>((sum, part) => sum + (JSON.stringify(part)?.length ?? 0), 0);

export function readOpenAIQuestion(body: JsonObject): Question {
  const messages = listOf(body['messages']);
  const results: string[] = [];
  for (let at = messages.length - 1; at >= 0 && member(messages[at], 'role') === 'tool'; at -= 1) {
    results.unshift(textOf(member(messages[at], 'content')));
  }
  const choice = body['tool_choice'];
  const chosen = member(member(choice, 'function'), 'name');
  return {
    protocol: 'openai',
    model: String(body['model']),
    stream: body['stream'] === true,
    includeUsage: member(body['stream_options'], 'include_usage') === true,
    prompt: lastText(messages, 'user'),
    tools: listOf(body['tools']).flatMap((tool) => {
      const name = member(member(tool, 'function'), 'name');
      return typeof name === 'string' ? [{ name, schema: member(member(tool, 'function'), 'parameters') }] : [];
    }),
    toolChoice:
      typeof chosen === 'string' ? { name: chosen } : choice === 'none' || choice === 'required' ? choice : 'auto',
    toolResult: results.length > 0 ? results.join('\n') : undefined,
    maxTokens: positive(body['max_completion_tokens'], body['max_tokens']),
    choices: positive(body['n']) ?? 1,
    characters: sizeOf(messages, body['tools']),
  };
}

export function readAnthropicQuestion(body: JsonObject): Question {
  const messages = listOf(body['messages']);
  const last = messages.at(-1);
  const results = listOf(member(last, 'content')).filter((block) => member(block, 'type') === 'tool_result');
  const choice = member(body['tool_choice'], 'type');
  const chosen = member(body['tool_choice'], 'name');
  return {
    protocol: 'anthropic',
    model: String(body['model']),
    stream: body['stream'] === true,
    includeUsage: true,
    prompt: lastText(messages, 'user'),
    tools: listOf(body['tools']).flatMap((tool) => {
      const name = member(tool, 'name');
      return isObject(tool) && typeof name === 'string' ? [{ name, schema: tool['input_schema'] }] : [];
    }),
    toolChoice:
      choice === 'tool' && typeof chosen === 'string'
        ? { name: chosen }
        : choice === 'any'
          ? 'required'
          : choice === 'none'
            ? 'none'
            : 'auto',
    toolResult: results.length > 0 ? results.map((block) => textOf(member(block, 'content'))).join('\n') : undefined,
    maxTokens: positive(body['max_tokens']),
    choices: 1,
    characters: sizeOf(body['system'], messages, body['tools']),
  };
}

export function readResponsesQuestion(body: JsonObject): Question {
  const { input } = body;
  const items = listOf(input);
  const results: string[] = [];
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const type = member(items[at], 'type');
    if (type !== 'function_call_output' && type !== 'custom_tool_call_output') break;
    results.unshift(textOf(member(items[at], 'output')));
  }
  const choice = body['tool_choice'];
  const chosen = member(choice, 'name');
  return {
    protocol: 'responses',
    model: String(body['model']),
    stream: body['stream'] === true,
    includeUsage: true,
    prompt: typeof input === 'string' ? input : lastText(items, 'user'),
    tools: named(listOf(body['tools']), (tool) => member(tool, 'parameters')),
    toolChoice:
      typeof chosen === 'string' ? { name: chosen } : choice === 'none' || choice === 'required' ? choice : 'auto',
    toolResult: results.length > 0 ? results.join('\n') : undefined,
    maxTokens: positive(body['max_output_tokens']),
    choices: 1,
    characters: sizeOf(body['instructions'], input, body['tools']),
  };
}

/** The model and whether to stream stand in the path: `…/models/{model}:generateContent` or `:streamGenerateContent`. */
export function readGoogleQuestion(body: JsonObject, path: string): Question {
  const [, model = '', verb] = /\/models\/(.+):(\w+)$/.exec(path) ?? [];
  const contents = listOf(body['contents']);
  const messages = contents.map((content) => ({
    role: member(content, 'role') ?? 'user',
    content: member(content, 'parts'),
  }));
  const results = listOf(messages.at(-1)?.content).flatMap((part) => member(part, 'functionResponse') ?? []);
  const calling = member(body['toolConfig'], 'functionCallingConfig');
  const mode = member(calling, 'mode');
  const [allowed, ...others] = listOf(member(calling, 'allowedFunctionNames'));
  return {
    protocol: 'google',
    model: decodeURIComponent(model),
    stream: verb === 'streamGenerateContent',
    includeUsage: true,
    prompt: lastText(messages, 'user'),
    tools: listOf(body['tools']).flatMap((tool) =>
      named(
        listOf(member(tool, 'functionDeclarations')),
        (one) => member(one, 'parametersJsonSchema') ?? member(one, 'parameters'),
      ),
    ),
    toolChoice:
      mode === 'ANY'
        ? typeof allowed === 'string' && others.length === 0
          ? { name: allowed }
          : 'required'
        : mode === 'NONE'
          ? 'none'
          : 'auto',
    toolResult:
      results.length > 0
        ? results.map((result) => JSON.stringify(member(result, 'response') ?? {})).join('\n')
        : undefined,
    maxTokens: positive(member(body['generationConfig'], 'maxOutputTokens')),
    choices: 1,
    characters: sizeOf(body['systemInstruction'], contents, body['tools']),
  };
}
