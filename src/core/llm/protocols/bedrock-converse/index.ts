import type { UpstreamProtocol } from '../protocol.ts';
import { decodeError } from './error.ts';
import { encodeConverseRequest } from './request.ts';
import { decodeConverseResponse } from './response.ts';
import { ConverseStreamDecoder } from './stream.ts';

/** Amazon Bedrock's Converse, as Nexus speaks it to the service. No client speaks it to Nexus. */
export const bedrockConverse = {
  id: 'bedrock-converse',
  encodeRequest: encodeConverseRequest,
  decodeResponse: decodeConverseResponse,
  createStreamDecoder: (context) => new ConverseStreamDecoder(context),
  decodeError,
} satisfies UpstreamProtocol;
