import type { NexusError } from '../../../errors/nexus-error.ts';
import type { ServiceTier } from '../../../exchange/usage.ts';
import type { TokenLogprob } from '../../canonical/logprobs.ts';
import type { JsonObject } from '../../canonical/request.ts';
import type { FinishReason } from '../../canonical/response.ts';
import type { SafetyReport } from '../../canonical/safety.ts';
import type { SpecialTool } from '../../canonical/special-tool.ts';
import type { EncodeContext } from '../protocol.ts';
import { writeSafety } from '../safety-members.ts';
import { writeServiceTier } from '../service-tier.ts';
import { writeTokens } from '../token-list.ts';

/*
 * The pieces an answer is made of, as JSON text; whole answers and streams write them alike. Source: the published
 * `Response` and its output items.
 */

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function writeTextPart(
  text: string,
  annotations: readonly JsonObject[],
  tokens: readonly TokenLogprob[] = [],
): string {
  const written = annotations.length === 0 ? '[]' : JSON.stringify(annotations);
  const logprobs = writeTokens(tokens, 'of_text');
  return `{"type":"output_text","text":${JSON.stringify(text)},"annotations":${written},"logprobs":${logprobs}}`;
}

export function writeRefusalPart(text: string): string {
  return `{"type":"refusal","refusal":${JSON.stringify(text)}}`;
}

export function writeMessage(id: string, status: ItemStatus, content: readonly string[]): string {
  const written = `"content":[${content.join(',')}],"role":"assistant"`;
  return `{"id":${JSON.stringify(id)},"type":"message","status":"${status}",${written}}`;
}

export function writeSummary(text: string): string {
  return `{"type":"summary_text","text":${JSON.stringify(text)}}`;
}

export function writeReasoning(id: string, text: string, sealed: string | undefined): string {
  const proof = sealed === undefined ? '' : `,"encrypted_content":${JSON.stringify(sealed)}`;
  return `{"id":${JSON.stringify(id)},"type":"reasoning","summary":[${text === '' ? '' : writeSummary(text)}]${proof}}`;
}

/** A picture; `data` is base64. */
export function writeImage(id: string, status: ItemStatus, data: string | null): string {
  return `{"id":${JSON.stringify(id)},"type":"image_generation_call","status":"${status}","result":${JSON.stringify(data)}}`;
}

/** Of a call: its item's id, its own id, and the tool as the client knows it. */
export interface CallNames {
  readonly itemId: string;
  readonly callId: string;
  readonly name: string;
  readonly namespace?: string;
  readonly isCustom: boolean;
}

/** `special` is what the client declared, where that was no plain function. */
export function callNames(
  callId: string,
  name: string,
  special: SpecialTool | undefined,
  newId: () => string,
): CallNames {
  if (special === undefined) return { itemId: `fc_${newId()}`, callId, name, isCustom: false };
  return { ...special, itemId: `${special.isCustom ? 'ctc' : 'fc'}_${newId()}`, callId };
}

/** `given` is the JSON text of the arguments, or the text a custom tool is given. */
export function writeCall(names: CallNames, status: ItemStatus, given: string): string {
  const { callId, itemId, name, namespace, isCustom } = names;
  const kind = isCustom
    ? `"type":"custom_tool_call","status":"${status}","input":${JSON.stringify(given)}`
    : `"type":"function_call","status":"${status}","arguments":${JSON.stringify(given)}`;
  const space = namespace === undefined ? '' : `,"namespace":${JSON.stringify(namespace)}`;
  return (
    `{"id":${JSON.stringify(itemId)},${kind},"call_id":${JSON.stringify(callId)},` +
    `"name":${JSON.stringify(name)}${space}}`
  );
}

/** The id of an answer. Clients expect the prefix; what follows it is the upstream's id, where there is one. */
export function responseId(upstreamId: string, newId: () => string): string {
  return upstreamId.startsWith('resp_') ? upstreamId : `resp_${upstreamId || newId()}`;
}

/** How an answer ended, in the words of this format. */
export function incompleteReason(finish: FinishReason | undefined): 'max_output_tokens' | 'content_filter' | undefined {
  if (finish === 'length') return 'max_output_tokens';
  return finish === 'content_filter' ? finish : undefined;
}

export interface ResponseFacts {
  readonly id: string;
  readonly context: EncodeContext;
  /** Absent while the answer is being written, and when it failed. */
  readonly finish?: FinishReason;
  /** Why the answer failed. */
  readonly error?: NexusError;
  /** JSON text. */
  readonly output: string;
  /** JSON text. */
  readonly usage: string;
  /** The class of service the answer was given. */
  readonly tier?: ServiceTier | undefined;
  readonly safety?: SafetyReport | undefined;
}

/** The published codes are few; these two are those that say whether to come back later. */
function writeError({ message, status }: NexusError): string {
  const code = status === 429 ? 'rate_limit_exceeded' : 'server_error';
  return `{"code":"${code}","message":${JSON.stringify(message)}}`;
}

/** The members after `usage` repeat a request that is not at hand; they stand at what they are when nothing is asked. */
export function writeResponse({ context, error, finish, id, output, safety, tier, usage }: ResponseFacts): string {
  const reason = incompleteReason(finish);
  const open = error === undefined ? 'in_progress' : 'failed';
  const status = finish === undefined ? open : reason === undefined ? 'completed' : 'incomplete';
  return (
    `{"id":${JSON.stringify(id)},"object":"response","created_at":${context.created},"status":"${status}",` +
    `"background":false,"error":${error === undefined ? 'null' : writeError(error)},"incomplete_details":${reason === undefined ? 'null' : `{"reason":"${reason}"}`},` +
    `"model":${JSON.stringify(context.model)},"output":[${output}],"usage":${usage},` +
    '"instructions":null,"max_output_tokens":null,"metadata":{},"parallel_tool_calls":true,' +
    '"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":null,' +
    '"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled"' +
    `${writeServiceTier(tier)}${writeSafety(safety)}}`
  );
}
