import type { RecordedExchange } from 'nexus-ai/testing';

/*
 * What an answer says, in one form for all dialects: the yardstick for translation. Each reading is as plain as the
 * dialect allows and independent of the code under test. Thoughts are not said; ids are nobody's business.
 */

export interface Said {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  readonly finish: string;
  readonly input: number;
  readonly output: number;
}

/** JSON that is read without asking at every step whether it is there. */
// biome-ignore lint/suspicious/noExplicitAny: recordings and answers of four dialects have no common type
type Loose = any;

/** Vendors differ in whether calling a tool, or refusing, is a way to stop; some old answers do not say at all. */
function said(text: string, calls: Said['calls'], finish: string, input = 0, output = 0, refused = false): Said {
  const stopped = finish === '' || finish === 'stop';
  const reason = stopped ? (refused ? 'content_filter' : calls.length > 0 ? 'tool_calls' : 'stop') : finish;
  return { text, calls, finish: reason, input, output };
}

const parsed = (json: string): unknown => (json === '' ? {} : JSON.parse(json));

/** One whole chat completion, or all chunks of a stream; of the first choice. */
export function saidByChat(bodies: readonly object[]): Said {
  let text = '';
  let finish = '';
  let refused = false;
  let usage: Loose;
  const calls: { name: string; json: string }[] = [];
  for (const body of bodies as Loose[]) {
    usage = body.usage ?? usage;
    const choice = body.choices?.find((one: Loose) => (one.index ?? 0) === 0);
    // Perplexity puts all of the text so far beside each piece of a stream, and an empty piece beside a whole answer.
    const part = bodies.length > 1 ? (choice?.delta ?? choice?.message) : (choice?.message ?? choice?.delta);
    text += (part?.content ?? '') + (part?.refusal ?? '');
    refused ||= Boolean(part?.refusal);
    const made = part?.function_call ? [{ index: 0, function: part.function_call }] : (part?.tool_calls ?? []);
    for (const [position, call] of made.entries()) {
      const index: number = call.index ?? position;
      calls[index] ??= { name: '', json: '' };
      calls[index].name += call.function?.name ?? '';
      calls[index].json += call.function?.arguments ?? '';
    }
    finish = choice?.finish_reason ?? finish;
  }
  const known = { function_call: 'tool_calls' }[finish] ?? finish;
  const inputs = calls.map(({ name, json }) => ({ name, input: parsed(json) }));
  return said(text, inputs, known, usage?.prompt_tokens, usage?.completion_tokens, refused);
}

export function saidByResponses(response: object): Said {
  const { output, status, incomplete_details, usage } = response as Loose;
  const texts = output.filter((item: Loose) => item.type === 'message').flatMap((item: Loose) => item.content);
  const calls = output.filter((item: Loose) => item.type === 'function_call');
  const finish =
    status !== 'incomplete' ? 'stop' : incomplete_details?.reason === 'max_output_tokens' ? 'length' : 'content_filter';
  return said(
    texts.map((part: Loose) => part.text ?? part.refusal ?? '').join(''),
    calls.map((call: Loose) => ({ name: call.name, input: parsed(call.arguments) })),
    finish,
    usage?.input_tokens,
    usage?.output_tokens,
    texts.some((part: Loose) => part.type === 'refusal'),
  );
}

const ANTHROPIC_FINISH: Record<string, string> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

export function saidByMessages(message: object): Said {
  const { content, stop_reason, usage } = message as Loose;
  const read = (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
  return said(
    content.map((block: Loose) => (block.type === 'text' ? block.text : '')).join(''),
    content
      .filter((block: Loose) => block.type === 'tool_use')
      .map((block: Loose) => ({ name: block.name, input: block.input })),
    ANTHROPIC_FINISH[stop_reason] ?? 'stop',
    usage.input_tokens + read,
    usage.output_tokens,
  );
}

const GOOGLE_FILTERS = ['SAFETY', 'RECITATION', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'MODEL_ARMOR'];

/** One whole answer, or all events of a stream: the last counts win. */
export function saidByGoogle(bodies: readonly object[]): Said {
  let text = '';
  let finish = 'stop';
  let usage: Loose;
  const calls: { name: string; input: unknown }[] = [];
  for (const body of bodies as Loose[]) {
    usage = body.usageMetadata ?? usage;
    const candidate = body.candidates?.[0];
    for (const part of candidate?.content?.parts ?? []) {
      if (part.functionCall) calls.push({ name: part.functionCall.name, input: part.functionCall.args ?? {} });
      else if (part.text !== undefined && part.thought !== true) text += part.text;
    }
    const reason = candidate?.finishReason ?? (body.promptFeedback?.blockReason ? 'SAFETY' : undefined);
    if (reason === 'MAX_TOKENS') finish = 'length';
    else if (GOOGLE_FILTERS.includes(reason)) finish = 'content_filter';
  }
  const input = (usage?.promptTokenCount ?? 0) + (usage?.toolUsePromptTokenCount ?? 0);
  return said(text, calls, finish, input, (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0));
}

/** The data lines of a recorded event stream. */
function events(text: string): object[] {
  return [...text.matchAll(/^data: ?(.*)$/gm)]
    .map(([, data = '']) => data.trim())
    .filter((data) => data !== '[DONE]' && data !== '')
    .map((data) => JSON.parse(data));
}

const BEDROCK_FINISH: Record<string, string> = {
  max_tokens: 'length',
  tool_use: 'tool_calls',
  guardrail_intervened: 'content_filter',
  content_filtered: 'content_filter',
};

/** One whole Converse answer; calls of tools that the vendor runs itself are nobody's business. */
function saidByBedrock({ output, stopReason, usage }: Loose): Said {
  const blocks: Loose[] = output.message.content;
  const pieces = blocks.flatMap((block) => [block.text ?? '', ...(block.citationsContent?.content ?? []).map(textIn)]);
  const calls = blocks
    .map(({ toolUse }) => toolUse)
    .filter((call) => call !== undefined && (call.type ?? 'tool_use') === 'tool_use');
  return said(
    pieces.join(''),
    calls.map(({ name, input }) => ({ name, input })),
    BEDROCK_FINISH[stopReason] ?? 'stop',
    usage.totalTokens - usage.outputTokens,
    usage.outputTokens,
  );
}

const textIn = ({ text }: Loose): string => text;

/** The answer that the frames of a Converse stream add up to. */
function bedrockAnswer(frames: readonly Loose[]): Loose {
  const content: Loose[] = [];
  let stopReason: unknown;
  let usage: unknown;
  for (const { payload } of frames) {
    const { contentBlockIndex: index, delta, start } = payload;
    if (index !== undefined) content[index] ??= { text: '' };
    if (start?.toolUse !== undefined) content[index] = { toolUse: { ...start.toolUse, json: '' } };
    if (delta?.text !== undefined) content[index].text += delta.text;
    if (delta?.toolUse !== undefined) content[index].toolUse.json += delta.toolUse.input;
    stopReason = payload.stopReason ?? stopReason;
    usage = payload.usage ?? usage;
  }
  for (const { toolUse } of content) if (toolUse !== undefined) toolUse.input = parsed(toolUse.json);
  return { output: { message: { content } }, stopReason, usage };
}

/** A recorded answer, as its own vendor wrote it. */
export function answerOf({ api, response, stream }: RecordedExchange): Said {
  if (api === 'converse') return saidByBedrock(response.body);
  if (api === 'converse-stream') return saidByBedrock(bedrockAnswer((response as Loose).frames));
  const bodies = stream ? events(response.text ?? '') : [response.body as object];
  if (api === 'messages') return saidByMessages(stream ? assembled(bodies) : (bodies[0] ?? {}));
  return api === 'chat.completions' ? saidByChat(bodies) : saidByGoogle(bodies);
}

/** The message that the events of an Anthropic stream add up to. */
function assembled(frames: readonly object[]): object {
  let message: Loose = {};
  const json: string[] = [];
  for (const frame of frames as Loose[]) {
    const { index, delta, usage } = frame;
    if (frame.type === 'message_start') message = structuredClone(frame.message);
    if (frame.type === 'content_block_start') message.content[index] = structuredClone(frame.content_block);
    if (delta?.type === 'text_delta') message.content[index].text += delta.text;
    if (delta?.type === 'input_json_delta') json[index] = (json[index] ?? '') + delta.partial_json;
    if (frame.type === 'message_delta') {
      message.stop_reason = delta.stop_reason;
      Object.assign(message.usage, usage);
    }
  }
  for (const [index, input] of json.entries()) if (input) message.content[index].input = JSON.parse(input);
  return message;
}
