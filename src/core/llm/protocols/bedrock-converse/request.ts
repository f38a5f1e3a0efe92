import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest } from '../../canonical/request.ts';
import type { Quirks, VendorGuardrail } from '../quirks.ts';
import { encodeContent, pushMark, type Writing } from './content.ts';
import { DocumentNames } from './media.ts';
import { type ModelFamily, modelFamily, takesCacheMarks } from './model-family.ts';
import { encodeModelFields, type ModelFields } from './model-fields.ts';
import { ToolIds } from './tool-id.ts';
import { encodeTools, NO_CALLS } from './tools.ts';
import type { ConverseRequest, GuardrailConfig, InferenceConfig, Message, OutputConfig, SystemBlock } from './wire.ts';

/** What `requestMetadata` may hold. */
const METADATA = /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/;

/**
 * A canonical request → JSON text of a Converse request; the model and whether to stream stand in its path. What the
 * format or the model's vendor cannot say is cut down or left out, and named in `dropped`: temperatures above 1,
 * penalties, seed, free JSON, and what `encodeTools` and `encodeModelFields` name. Throws `invalid_request` for what
 * cannot be left out: no content, media of other types or by address.
 */
export function encodeConverseRequest(request: CanonicalRequest, dropped: string[], quirks?: Quirks): string {
  const family = modelFamily(request.model);
  const model = encodeModelFields(request, family, dropped, quirks);
  const tools = encodeTools(request, family, model.thinks, dropped);
  const inferenceConfig = encodeInference(request, family, model, dropped);
  const outputConfig = encodeOutput(request, dropped);
  for (const name of ['frequencyPenalty', 'presencePenalty'] as const) if (request[name]) dropped.push(name);
  for (const name of ['seed', 'logprobs', 'topLogprobs'] as const) {
    if (request[name] !== undefined) dropped.push(name);
  }
  const body: ConverseRequest = {
    ...encodeConversation(request, family, tools.forbidden),
    ...(inferenceConfig && { inferenceConfig }),
    ...(tools.toolConfig && { toolConfig: tools.toolConfig }),
    ...(Object.keys(model.fields).length > 0 && { additionalModelRequestFields: model.fields }),
    ...(inferenceConfig?.stopSequences !== undefined &&
      family === 'anthropic' && { additionalModelResponseFieldPaths: ['/stop_sequence'] }),
    ...(outputConfig && { outputConfig }),
    ...encodeUser(request.user, dropped),
    ...(request.serviceTier && { serviceTier: { type: request.serviceTier } }),
    ...(quirks?.guardrail && { guardrailConfig: encodeGuardrail(quirks.guardrail, request.stream) }),
  };
  return toJson(body);
}

function encodeConversation(
  request: CanonicalRequest,
  family: ModelFamily,
  forbidden: boolean,
): Pick<ConverseRequest, 'system' | 'messages'> {
  const system = encodeSystem(request, family);
  const writing: Writing = { family, documents: new DocumentNames(), ids: new ToolIds() };
  const messages: Message[] = [];
  for (const turn of request.turns) {
    const content = encodeContent(turn.parts, writing);
    const last = messages.at(-1);
    if (content.length === 0) continue;
    // Where a turn has left nothing behind, its neighbours meet.
    if (last?.role === turn.role) last.content.push(...content);
    else messages.push({ role: turn.role, content });
  }
  if (forbidden) system.push({ text: NO_CALLS });
  if (messages.length > 0) return { messages, ...(system.length > 0 && { system }) };
  // The format wants a user to have spoken: instructions alone are what the user said.
  if (system.length > 0) return { messages: [{ role: 'user', content: system }] };
  throw new NexusError('invalid_request', 'messages must contain at least one text, image, document or tool result', {
    param: 'messages',
  });
}

function encodeSystem({ system }: CanonicalRequest, family: ModelFamily): SystemBlock[] {
  const blocks: SystemBlock[] = [];
  for (const { text, cache } of system) {
    if (text.trim() !== '') blocks.push({ text });
    if (cache !== undefined && takesCacheMarks(family, 'prompt')) pushMark(blocks, cache);
  }
  return blocks;
}

function encodeInference(
  { temperature, topP, stop }: CanonicalRequest,
  family: ModelFamily,
  { thinks, maxTokens }: ModelFields,
  dropped: string[],
): InferenceConfig | undefined {
  const config: InferenceConfig = { ...(maxTokens !== undefined && { maxTokens }) };
  if (temperature !== undefined) {
    if (temperature > 1 || (thinks && temperature !== 1)) dropped.push('temperature');
    if (!thinks || temperature === 1) config.temperature = Math.min(temperature, 1);
  }
  if (topP !== undefined) {
    if (thinks && topP < 0.95) dropped.push('topP');
    else config.topP = topP;
  }
  // Claude refuses sequences of blanks alone.
  const stopSequences = stop?.filter((text) => (family === 'anthropic' ? text.trim() : text) !== '');
  if (stopSequences?.length !== stop?.length) dropped.push('stop');
  if (stopSequences !== undefined && stopSequences.length > 0) config.stopSequences = stopSequences;
  return Object.keys(config).length > 0 ? config : undefined;
}

/** An answer that is any JSON object has no counterpart here; one with a schema has. */
function encodeOutput({ responseFormat }: CanonicalRequest, dropped: string[]): OutputConfig | undefined {
  if (responseFormat === undefined) return undefined;
  if (responseFormat.type === 'json_object') {
    dropped.push('responseFormat');
    return undefined;
  }
  const { name, description, schema } = responseFormat;
  const jsonSchema = {
    schema: toJson(schema),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  };
  return { textFormat: { type: 'json_schema', structure: { jsonSchema } } };
}

/** Goes into the invocation log of the account. */
function encodeUser(user: string | undefined, dropped: string[]): Pick<ConverseRequest, 'requestMetadata'> {
  if (user === undefined) return {};
  if (METADATA.test(user)) return { requestMetadata: { user } };
  dropped.push('user');
  return {};
}

function encodeGuardrail({ identifier, version, ...how }: VendorGuardrail, stream: boolean): GuardrailConfig {
  return {
    guardrailIdentifier: identifier,
    guardrailVersion: version,
    ...(how.trace !== undefined && { trace: how.trace }),
    ...(stream && how.streamProcessingMode !== undefined && { streamProcessingMode: how.streamProcessingMode }),
  };
}

/** Writing JSON recurses where reading it does not: a request nested thousands of levels deep ends here. */
function toJson(body: object): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new NexusError('invalid_request', 'The request is nested too deeply', { cause });
  }
}
