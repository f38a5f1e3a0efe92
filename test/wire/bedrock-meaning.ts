import type { CanonicalRequest, Part, TextPart, Turn } from '../../src/core/llm/canonical/request.ts';

/*
 * What Converse traffic says, read in the plainest way and independently of the code under test, in forms that can be
 * compared.
 */

type Loose = { [member: string]: unknown };
const list = (value: unknown): Loose[] => (Array.isArray(value) ? value : []) as Loose[];
const object = (value: unknown): Loose => (typeof value === 'object' && value !== null ? value : {}) as Loose;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export interface Answer {
  text: string;
  thoughts: string;
  /** Signatures, and thoughts only the vendor can read, in order. */
  proofs: unknown[];
  calls: { id: unknown; name: unknown; input: unknown }[];
  cited: unknown[];
  finish: string;
  usage: unknown;
}

const FINISH: { [reason: string]: string } = {
  max_tokens: 'length',
  tool_use: 'tool_calls',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
};

export const nothing = (): Answer => ({
  text: '',
  thoughts: '',
  proofs: [],
  calls: [],
  cited: [],
  finish: '',
  usage: undefined,
});

const isOwn = (toolUse: Loose) => toolUse['type'] === undefined || toolUse['type'] === 'tool_use';
/** What Anthropic calls `data`. */
const opened = (redacted: unknown) => Buffer.from(text(redacted), 'base64').toString();

function usageOf(usage: unknown): unknown {
  if (usage === undefined) return undefined;
  const counts = usage as { [name: string]: number };
  const cacheRead = counts['cacheReadInputTokens'] ?? 0;
  const cacheWrite = counts['cacheWriteInputTokens'] ?? 0;
  const { outputTokens: output = 0, totalTokens = 0 } = counts;
  // The total tells the input better than the sum that is under test.
  return { input: totalTokens - output, output, cacheRead, cacheWrite, reasoning: 0 };
}

export function answerOf(body: unknown): Answer {
  const said = nothing();
  const { output, stopReason, usage } = object(body);
  for (const block of list(object(object(output)['message'])['content'])) {
    said.text += text(block['text']);
    const thought = object(object(block['reasoningContent'])['reasoningText']);
    said.thoughts += text(thought['text']);
    if (thought['signature']) said.proofs.push(thought['signature']);
    const redacted = object(block['reasoningContent'])['redactedContent'];
    if (redacted) said.proofs.push(opened(redacted));
    const cited = object(block['citationsContent']);
    for (const piece of list(cited['content'])) said.text += text(piece['text']);
    for (const citation of list(cited['citations'])) said.cited.push(citation['title']);
    const call = object(block['toolUse']);
    if (block['toolUse'] && isOwn(call)) {
      said.calls.push({ id: call['toolUseId'], name: call['name'], input: call['input'] });
    }
  }
  said.finish = FINISH[text(stopReason)] ?? 'stop';
  said.usage = usageOf(usage);
  return said;
}

/** The frames of a stream: type and payload. */
export function streamOf(frames: readonly { type: string; payload: unknown }[]): Answer {
  const said = nothing();
  const calls = new Map<unknown, Answer['calls'][number] & { json: string }>();
  for (const { type, payload } of frames) {
    const body = object(payload);
    const index = body['contentBlockIndex'];
    const start = object(object(body['start'])['toolUse']);
    if (object(body['start'])['toolUse'] && isOwn(start)) {
      calls.set(index, { id: start['toolUseId'], name: start['name'], input: undefined, json: '' });
    }
    const delta = object(body['delta']);
    said.text += text(delta['text']);
    const thought = object(delta['reasoningContent']);
    said.thoughts += text(thought['text']);
    if (thought['signature']) said.proofs.push(thought['signature']);
    if (thought['redactedContent']) said.proofs.push(opened(thought['redactedContent']));
    if (delta['citation']) said.cited.push(object(delta['citation'])['title']);
    const call = calls.get(index);
    if (call) call.json += text(object(delta['toolUse'])['input']);
    if (type === 'messageStop') said.finish = FINISH[text(body['stopReason'])] ?? 'stop';
    if (type === 'metadata') said.usage = usageOf(body['usage']);
  }
  said.calls = [...calls.values()].map(({ id, name, json }) => ({ id, name, input: JSON.parse(json || '{}') }));
  return said;
}

/** Text of a tool's result that is a JSON object counts as that object: there are two ways to write it. */
function structured(words: string): unknown {
  try {
    const value: unknown = JSON.parse(words);
    return typeof value === 'object' ? value : words;
  } catch {
    return words;
  }
}

const bytesOf = (source: unknown) => {
  const { bytes, text: words, s3Location } = object(source);
  return bytes ?? (typeof words === 'string' ? Buffer.from(words).toString('base64') : s3Location);
};

function mediaOf(block: Loose): unknown {
  for (const kind of ['image', 'video', 'document', 'audio']) {
    if (!block[kind]) continue;
    const { format, name, source } = object(block[kind]);
    const shortFormat = text(format).split('/').at(-1);
    // The published rule for names knows no underscore, which the service takes all the same.
    return { kind, format: shortFormat, name: text(name).replaceAll('_', ' ') || undefined, bytes: bytesOf(source) };
  }
  return undefined;
}

function saidOf(role: unknown, block: Loose): unknown[] {
  if (typeof block['text'] === 'string') return block['text'].trim() === '' ? [] : [{ role, text: block['text'] }];
  if (block['cachePoint']) return [{ mark: object(block['cachePoint'])['ttl'] ?? 'default' }];
  if (block['reasoningContent'] || block['citationsContent']) return [{ role, ...block }];
  if (block['toolUse']) {
    const { toolUseId, name, input } = object(block['toolUse']);
    return [{ call: toolUseId, name, input }];
  }
  if (block['toolResult']) {
    const { toolUseId, content, status } = object(block['toolResult']);
    const items = list(content).map((item) => item['json'] ?? mediaOf(item) ?? structured(text(item['text'])));
    return [{ result: toolUseId, items, failed: status === 'error' }];
  }
  return [{ role, media: mediaOf(block) }];
}

/** What a request says. */
export function requestOf(body: unknown) {
  const { messages, system, inferenceConfig, toolConfig, additionalModelRequestFields, outputConfig } = object(body);
  const { stopSequences, ...numbers } = object(inferenceConfig);
  const { tools, toolChoice } = object(toolConfig);
  const format = object(object(object(object(outputConfig)['textFormat'])['structure'])['jsonSchema']);
  return {
    said: list(messages).flatMap(({ role, content }) => list(content).flatMap((block) => saidOf(role, block))),
    system: list(system).flatMap((block) => saidOf('system', block)),
    numbers,
    stop: list(stopSequences),
    tools: list(tools).map((tool) => tool['toolSpec'] ?? tool),
    toolChoice,
    additional: additionalModelRequestFields ?? {},
    schema: format['schema'] && JSON.parse(text(format['schema'])),
    schemaName: format['name'],
    guardrail: object(body)['guardrailConfig'],
  };
}

/** A canonical request, built from a recorded one by hand: no codec of ours reads the format from this side. */
export function canonicalOf(model: string, body: unknown): CanonicalRequest {
  const { messages, system, inferenceConfig, toolConfig, additionalModelRequestFields, outputConfig } = object(body);
  const config = object(inferenceConfig);
  const additional = object(additionalModelRequestFields);
  const thinking = object(additional['thinking']);
  const topK = object(additional['inferenceConfig'])['topK'];
  const format = object(object(object(object(outputConfig)['textFormat'])['structure'])['jsonSchema']);
  const given = {
    maxTokens: config['maxTokens'],
    temperature: config['temperature'],
    topP: config['topP'],
    topK,
    stop: config['stopSequences'],
    toolChoice: choiceOf(object(object(toolConfig)['toolChoice'])),
    reasoning:
      thinking['type'] === undefined
        ? undefined
        : thinking['type'] === 'adaptive'
          ? { adaptive: true }
          : { budget: thinking['budget_tokens'] },
    responseFormat: format['schema']
      ? { type: 'json_schema', name: format['name'], schema: JSON.parse(text(format['schema'])) }
      : undefined,
  };
  return {
    model,
    system: markedParts(list(system)) as TextPart[],
    turns: turnsOf(list(messages)),
    tools: list(object(toolConfig)['tools']).flatMap((tool, index, tools) => {
      if (tool['cachePoint']) return [];
      const { name, description, inputSchema, strict } = object(tool['toolSpec']);
      const optional = { description, strict, cache: tools[index + 1]?.['cachePoint'] && {} };
      const said = Object.entries(optional).filter(([, value]) => value !== undefined);
      return { name: text(name), parameters: object(object(inputSchema)['json']), ...Object.fromEntries(said) };
    }),
    stream: false,
    unsupported: [],
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

function choiceOf(choice: Loose) {
  if (choice['tool']) return { type: 'tool', name: object(choice['tool'])['name'] };
  return choice['any'] ? { type: 'required' } : choice['auto'] ? { type: 'auto' } : undefined;
}

function turnsOf(messages: readonly Loose[]): Turn[] {
  return messages.map(({ role, content }) => ({ role: role as Turn['role'], parts: markedParts(list(content)) }));
}

function markedParts(blocks: readonly Loose[]): Part[] {
  const parts: Part[] = [];
  for (const block of blocks) {
    if (block['cachePoint']) parts.push({ ...(parts.pop() as TextPart), cache: {} });
    else parts.push(partOf(block));
  }
  return parts;
}

const TYPES: { [format: string]: string } = { pdf: 'application/pdf', txt: 'text/plain', md: 'text/markdown' };

function partOf(block: Loose): Part {
  if (block['toolUse']) {
    const { toolUseId, name, input } = object(block['toolUse']);
    return { type: 'tool_call', id: text(toolUseId), name: text(name), arguments: JSON.stringify(input) };
  }
  if (block['toolResult']) {
    const { toolUseId, content, status } = object(block['toolResult']);
    const items = list(content).map((item) =>
      item['json'] ? { type: 'text' as const, text: JSON.stringify(item['json']) } : (partOf(item) as TextPart),
    );
    return { type: 'tool_result', callId: text(toolUseId), content: items, isError: status === 'error' };
  }
  if (block['reasoningContent']) {
    const { text: words, signature } = object(object(block['reasoningContent'])['reasoningText']);
    return { type: 'reasoning', text: text(words), signature: text(signature), origin: 'anthropic' };
  }
  if (block['citationsContent']) {
    const { content, citations } = object(block['citationsContent']);
    return { type: 'text', text: text(list(content)[0]?.['text']), citations: list(citations).map(anthropicCitation) };
  }
  for (const kind of ['image', 'video', 'document'] as const) {
    if (!block[kind]) continue;
    const { format, name, source } = object(block[kind]);
    const short = text(format).split('/').at(-1) ?? '';
    const mediaType = kind === 'document' ? (TYPES[short] ?? '') : `${kind}/${short}`;
    const { bytes, s3Location, text: words } = object(source);
    const where = bytes ? { data: bytes } : s3Location ? { url: object(s3Location)['uri'] } : { text: words };
    return { type: 'media', kind, mediaType, ...where, ...(name ? { name: text(name) } : {}) } as Part;
  }
  return { type: 'text', text: text(block['text']) };
}

/** The two kinds that are recorded, as Anthropic writes them. */
function anthropicCitation({ title, sourceContent, location }: Loose): Loose {
  const { documentChar, documentPage } = object(location);
  const { documentIndex, start, end } = object(documentChar ?? documentPage);
  return {
    cited_text: list(sourceContent)[0]?.['text'],
    document_index: documentIndex,
    document_title: title,
    ...(documentChar
      ? { type: 'char_location', start_char_index: start, end_char_index: end }
      : { type: 'page_location', start_page_number: start, end_page_number: end }),
  };
}
