import type { ClientProtocol, UpstreamProtocol } from '../protocol.ts';
import { decodeGenerateRequest } from './decode-request.ts';
import { decodeGenerateResponse } from './decode-response.ts';
import { encodeGenerateRequest } from './encode-request.ts';
import { encodeGenerateResponse } from './encode-response.ts';
import { decodeError, encodeError, encodeErrorEvent } from './error.ts';
import { SPELLING } from './spelling.ts';
import { GenerateStreamDecoder } from './stream-decoder.ts';
import { GenerateStreamEncoder } from './stream-encoder.ts';
import { validateGenerateRequest } from './validate.ts';

export { googlePassthrough } from './passthrough.ts';
export { validateCountTokens } from './validate.ts';

/** Google's generateContent and streamGenerateContent (with `alt=sse`), as clients and vendors speak it. */
export const googleGenerate = {
  id: 'google-generate',
  spelling: SPELLING,
  validateRequest: validateGenerateRequest,
  decodeRequest: decodeGenerateRequest,
  encodeResponse: encodeGenerateResponse,
  createStreamEncoder: (context) => new GenerateStreamEncoder(context),
  encodeError,
  encodeErrorEvent,
  encodeRequest: encodeGenerateRequest,
  decodeResponse: decodeGenerateResponse,
  createStreamDecoder: (context) => new GenerateStreamDecoder(context),
  decodeError,
} satisfies ClientProtocol & UpstreamProtocol;
