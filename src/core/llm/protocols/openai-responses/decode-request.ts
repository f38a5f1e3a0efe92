import { NexusError } from '../../../errors/nexus-error.ts';
import type { CanonicalRequest, JsonObject, ReasoningRequest, ResponseFormat } from '../../canonical/request.ts';
import type { Address } from '../protocol.ts';
import { decodeServiceTier } from '../service-tier.ts';
import { decodeTools } from './decode-tools.ts';
import { RESPONSES_FIELDS, TOKENS_OF_TEXT } from './fields.ts';
import { decodeInput } from './input.ts';
import type { ReasoningOptions, ResponsesRequest, TextOptions } from './wire.ts';

const EFFORTS: ReadonlySet<unknown> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

export function addressOf(body: JsonObject): Address {
  const { model, stream } = body;
  return { model: typeof model === 'string' ? model : '', stream: stream === true, streamUsage: true };
}

/**
 * A validated request → its canonical form. Throws `invalid_request` where leaving something out would change what the
 * caller asked for: state that is stored at the vendor, items and content of a kind without a canonical form.
 */
export function decodeResponsesRequest(body: JsonObject, address: Address): CanonicalRequest {
  const request = body as ResponsesRequest;
  const unsupported = new Set<string>();
  judgeFields(request, unsupported);
  const { system, turns } = decodeInput(request, unsupported);
  const reasoning = decodeReasoning(request.reasoning, unsupported);
  const responseFormat = decodeFormat(request.text, unsupported);
  const user = request.user || request.safety_identifier;
  const serviceTier = decodeServiceTier(request['service_tier'], 'service_tier', unsupported);
  const logprobs = request.include?.includes(TOKENS_OF_TEXT) === true;
  const most = request.top_logprobs ?? 0;
  // How many to show says nothing where none are asked for.
  if (most > 0 && !logprobs) unsupported.add('top_logprobs');
  return {
    model: address.model,
    system,
    turns,
    ...decodeTools(request, unsupported),
    ...(isPresent(request.parallel_tool_calls) && { parallelToolCalls: request.parallel_tool_calls }),
    ...(isPresent(request.max_output_tokens) && { maxTokens: request.max_output_tokens }),
    ...(isPresent(request.temperature) && { temperature: request.temperature }),
    ...(isPresent(request.top_p) && { topP: request.top_p }),
    ...(logprobs && { logprobs: true as const }),
    ...(logprobs && most > 0 && { topLogprobs: most }),
    ...(responseFormat && { responseFormat }),
    ...(reasoning && { reasoning }),
    ...(user && { user }),
    ...(serviceTier && { serviceTier }),
    stream: address.stream,
    unsupported: [...unsupported],
  };
}

function isPresent<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

/** Names the fields that get lost; throws for those that must not. */
function judgeFields(request: ResponsesRequest, unsupported: Set<string>): void {
  for (const name in request) {
    const value = request[name];
    if (!isPresent(value)) continue;
    const fate = RESPONSES_FIELDS.get(name)?.fate;
    if (fate === undefined) unsupported.add(name);
    else if (fate.kind === 'unsupported' && !fate.isNeutral(value)) unsupported.add(name);
    else if (fate.kind === 'refused' && !fate.isNeutral(value)) {
      const message = `${name} cannot be used with this model's provider: ${fate.because}`;
      throw new NexusError('invalid_request', message, { param: name });
    }
  }
}

function decodeReasoning(
  options: ReasoningOptions | null | undefined,
  unsupported: Set<string>,
): ReasoningRequest | undefined {
  if (!options) return undefined;
  for (const member in options) {
    const value = options[member];
    if (!isPresent(value) || ['effort', 'summary', 'generate_summary'].includes(member)) continue;
    if (!(member === 'context' && value === 'auto') && !(member === 'mode' && value === 'standard')) {
      unsupported.add(`reasoning.${member}`);
    }
  }
  const { effort } = options;
  const known = isEffort(effort);
  if (isPresent(effort) && !known) unsupported.add('reasoning.effort');
  const visible = isPresent(options.summary ?? options.generate_summary);
  return known || visible ? { ...(known && { effort }), ...(visible && { visible }) } : undefined;
}

function isEffort(effort: unknown): effort is NonNullable<ReasoningRequest['effort']> {
  return EFFORTS.has(effort);
}

function decodeFormat(text: TextOptions | null | undefined, unsupported: Set<string>): ResponseFormat | undefined {
  for (const member in text) {
    const value = text[member];
    if (member === 'format' || !isPresent(value) || (member === 'verbosity' && value === 'medium')) continue;
    unsupported.add(`text.${member}`);
  }
  const format = text?.format;
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined;
    case 'json_object':
      return { type: 'json_object' };
    case 'json_schema':
      return {
        type: 'json_schema',
        schema: format?.schema ?? {},
        ...(format?.name && { name: format.name }),
        ...(format?.description && { description: format.description }),
        ...(isPresent(format?.strict) && { strict: format.strict }),
      };
    default:
      unsupported.add('text.format');
      return undefined;
  }
}
