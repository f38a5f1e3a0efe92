import { NexusError } from '../../../errors/nexus-error.ts';
import type {
  CanonicalRequest,
  JsonObject,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../canonical/request.ts';
import { isJsonObject } from '../json-object.ts';
import type { Address } from '../protocol.ts';
import { decodeServiceTier } from '../service-tier.ts';
import { decodeContents, decodeInstruction } from './decode-contents.ts';
import { GENERATION_FIELDS, REQUEST_FIELDS, type RequestField } from './fields.ts';
import { camelName, listOf, member } from './member.ts';
import { decodeOpenApiSchema } from './schema.ts';
import { decodeThinking } from './thinking.ts';
import { untranslatable } from './untranslatable.ts';

/**
 * A validated generateContent request → its canonical form. Throws `invalid_request` where leaving something out would
 * change what the caller asked for: several candidates, content cached at Google, tools that Google runs itself.
 */
export function decodeGenerateRequest(body: JsonObject, address: Address): CanonicalRequest {
  try {
    return decode(body, address);
  } catch (cause) {
    // Writing JSON recurses where reading it does not.
    if (NexusError.is(cause)) throw cause;
    throw new NexusError('invalid_request', 'The request is nested too deeply', { cause });
  }
}

function decode(body: JsonObject, { model, stream }: Address): CanonicalRequest {
  const cached = member(body, 'cachedContent');
  if (cached !== undefined && cached !== '') throw untranslatable('cachedContent', 'content that is cached at Google');
  const unsupported = new Set<string>();
  const config = member(body, 'generationConfig');
  const toolChoice = decodeToolChoice(member(body, 'toolConfig'), unsupported);
  const serviceTier = decodeServiceTier(member(body, 'serviceTier'), 'serviceTier', unsupported);
  const request = {
    model,
    system: decodeInstruction(member(body, 'systemInstruction'), unsupported),
    turns: decodeContents(listOf(member(body, 'contents')), unsupported),
    tools: decodeTools(member(body, 'tools'), unsupported),
    ...(toolChoice && { toolChoice }),
    ...(isJsonObject(config) && decodeGenerationConfig(config, unsupported)),
    ...(serviceTier && { serviceTier }),
    stream,
  };
  nameUnsupported(body, REQUEST_FIELDS, '', unsupported);
  if (isJsonObject(config)) nameUnsupported(config, GENERATION_FIELDS, 'generationConfig.', unsupported);
  return { ...request, unsupported: [...unsupported] };
}

function decodeTools(value: unknown, unsupported: Set<string>): ToolDefinition[] {
  const tools: ToolDefinition[] = [];
  for (const [index, tool] of listOf(value).entries()) {
    if (!isJsonObject(tool)) continue;
    for (const name in tool) {
      if (camelName(name) !== 'functionDeclarations' && tool[name] !== null) {
        throw untranslatable(`tools[${index}].${name}`, 'tools other than functions');
      }
    }
    for (const declaration of listOf(member(tool, 'functionDeclarations'))) {
      if (isJsonObject(declaration)) tools.push(decodeTool(declaration, unsupported));
    }
  }
  return tools;
}

function decodeTool(declaration: JsonObject, unsupported: Set<string>): ToolDefinition {
  for (const lost of ['response', 'responseJsonSchema', 'behavior']) {
    if (member(declaration, lost) !== undefined) unsupported.add(`tools.functionDeclarations.${lost}`);
  }
  const { name, description, parameters: openApi } = declaration;
  const schema = member(declaration, 'parametersJsonSchema');
  const parameters = isJsonObject(schema) ? schema : isJsonObject(openApi) ? decodeOpenApiSchema(openApi) : undefined;
  return {
    name: String(name),
    ...(typeof description === 'string' && description !== '' && { description }),
    ...(parameters && { parameters }),
  };
}

/** VALIDATED promises arguments that fit the schema, which no other format can; a choice among several is widened. */
function decodeToolChoice(toolConfig: unknown, unsupported: Set<string>): ToolChoice | undefined {
  if (!isJsonObject(toolConfig)) return undefined;
  for (const name in toolConfig) {
    if (camelName(name) !== 'functionCallingConfig' && toolConfig[name] !== null) unsupported.add(`toolConfig.${name}`);
  }
  const config = member(toolConfig, 'functionCallingConfig');
  if (!isJsonObject(config)) return undefined;
  const names = listOf(member(config, 'allowedFunctionNames'));
  const [only] = names;
  if (config['mode'] === 'ANY' && names.length === 1) return { type: 'tool', name: String(only) };
  if (names.length > 0) unsupported.add('toolConfig.functionCallingConfig.allowedFunctionNames');
  switch (config['mode']) {
    case 'ANY':
      return { type: 'required' };
    case 'NONE':
      return { type: 'none' };
    case 'AUTO':
      return { type: 'auto' };
    case 'VALIDATED':
      unsupported.add('toolConfig.functionCallingConfig.mode');
      return { type: 'auto' };
    default:
      return undefined;
  }
}

function decodeGenerationConfig(config: JsonObject, unsupported: Set<string>): Partial<CanonicalRequest> {
  const number = (name: string): number | undefined => {
    const value = member(config, name);
    return typeof value === 'number' ? value : undefined;
  };
  if ((number('candidateCount') ?? 1) > 1) {
    const param = 'generationConfig.candidateCount';
    throw new NexusError('invalid_request', `${param} must be 1: this model's provider gives one answer`, { param });
  }
  const decoded: { -readonly [Name in keyof CanonicalRequest]?: CanonicalRequest[Name] } = {};
  for (const [name, canonical] of NUMBERS) {
    const value = number(name);
    if (value !== undefined) decoded[canonical] = value;
  }
  const stop = listOf(member(config, 'stopSequences')).map(String);
  if (stop.length > 0) decoded.stop = stop;
  const most = number('logprobs') ?? 0;
  if (member(config, 'responseLogprobs') === true) {
    decoded.logprobs = true;
    if (most > 0) decoded.topLogprobs = most;
  } else if (most > 0) {
    // How many to show says nothing where none are asked for.
    unsupported.add('generationConfig.logprobs');
  }
  const format = decodeResponseFormat(config, unsupported);
  if (format) decoded.responseFormat = format;
  const reasoning = decodeThinking(member(config, 'thinkingConfig'));
  if (reasoning) decoded.reasoning = reasoning;
  return decoded;
}

const NUMBERS = [
  ['maxOutputTokens', 'maxTokens'],
  ['temperature', 'temperature'],
  ['topP', 'topP'],
  ['topK', 'topK'],
  ['seed', 'seed'],
  ['presencePenalty', 'presencePenalty'],
  ['frequencyPenalty', 'frequencyPenalty'],
] as const;

function decodeResponseFormat(config: JsonObject, unsupported: Set<string>): ResponseFormat | undefined {
  const mediaType = member(config, 'responseMimeType');
  if (mediaType !== undefined && mediaType !== 'application/json') {
    if (mediaType !== 'text/plain' && mediaType !== '') unsupported.add('generationConfig.responseMimeType');
    return undefined;
  }
  const schema = member(config, 'responseJsonSchema') ?? member(config, 'responseJsonSchemaOrdered');
  if (isJsonObject(schema)) return { type: 'json_schema', schema };
  const openApi = member(config, 'responseSchema');
  if (isJsonObject(openApi)) return { type: 'json_schema', schema: decodeOpenApiSchema(openApi) };
  return mediaType === undefined ? undefined : { type: 'json_object' };
}

function nameUnsupported(
  object: JsonObject,
  fields: ReadonlyMap<string, RequestField>,
  prefix: string,
  unsupported: Set<string>,
): void {
  for (const name in object) {
    const value = object[name];
    if (value === null) continue;
    const fate = fields.get(camelName(name))?.fate;
    if (fate === undefined || (fate.kind === 'unsupported' && !fate.isNeutral(value))) unsupported.add(prefix + name);
  }
}
