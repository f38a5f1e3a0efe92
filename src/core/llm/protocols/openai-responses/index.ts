import type { ClientProtocol, UpstreamProtocol } from '../protocol.ts';
import { decodeResponsesRequest } from './decode-request.ts';
import { decodeResponse } from './decode-response.ts';
import { ResponsesStreamDecoder } from './decode-stream.ts';
import { encodeResponsesRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { ResponsesStreamEncoder } from './encode-stream.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';
import { SPELLING } from './spelling.ts';
import { validateResponsesRequest } from './validate.ts';

export { addressOf } from './decode-request.ts';
export { responsesPassthrough } from './passthrough.ts';

/** OpenAI's responses, without the state that format can keep: every request brings its whole conversation. */
export const openaiResponses = {
  id: 'openai-responses',
  spelling: SPELLING,
  validateRequest: validateResponsesRequest,
  decodeRequest: decodeResponsesRequest,
  encodeResponse,
  createStreamEncoder: (context) => new ResponsesStreamEncoder(context),
  encodeError,
  encodeErrorEvent: (error) => encodeErrorEvent(error),
  encodeRequest: encodeResponsesRequest,
  decodeResponse,
  createStreamDecoder: (context) => new ResponsesStreamDecoder(context),
  decodeError,
} satisfies ClientProtocol & UpstreamProtocol;
