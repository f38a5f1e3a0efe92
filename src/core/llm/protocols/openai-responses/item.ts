import type { JsonObject } from '../../canonical/request.ts';
import type { FinishReason } from '../../canonical/response.ts';
import type { EncodeContext } from '../protocol.ts';

/*
 * The pieces an answer is made of, as JSON text; whole answers and streams write them alike. Source: the published
 * `Response` and its output items.
 */

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export function writeTextPart(text: string, annotations: readonly JsonObject[]): string {
  const written = annotations.length === 0 ? '[]' : JSON.stringify(annotations);
  return `{"type":"output_text","text":${JSON.stringify(text)},"annotations":${written},"logprobs":[]}`;
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

/** Of a call: its item's id, its own id, and the function. */
export interface CallNames {
  readonly itemId: string;
  readonly callId: string;
  readonly name: string;
}

export function writeCall({ callId, itemId, name }: CallNames, status: ItemStatus, json: string): string {
  return (
    `{"id":${JSON.stringify(itemId)},"type":"function_call","status":"${status}","arguments":${JSON.stringify(json)},` +
    `"call_id":${JSON.stringify(callId)},"name":${JSON.stringify(name)}}`
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
  /** Absent while the answer is being written. */
  readonly finish?: FinishReason;
  /** JSON text. */
  readonly output: string;
  /** JSON text. */
  readonly usage: string;
}

/** The members after `usage` repeat a request that is not at hand; they stand at what they are when nothing is asked. */
export function writeResponse({ context, finish, id, output, usage }: ResponseFacts): string {
  const reason = incompleteReason(finish);
  const status: ItemStatus = finish === undefined ? 'in_progress' : reason === undefined ? 'completed' : 'incomplete';
  return (
    `{"id":${JSON.stringify(id)},"object":"response","created_at":${context.created},"status":"${status}",` +
    `"background":false,"error":null,"incomplete_details":${reason === undefined ? 'null' : `{"reason":"${reason}"}`},` +
    `"model":${JSON.stringify(context.model)},"output":[${output}],"usage":${usage},` +
    '"instructions":null,"max_output_tokens":null,"metadata":{},"parallel_tool_calls":true,' +
    '"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":null,' +
    '"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled"}'
  );
}
