// How errors are told in dialects whose protocols may not be loaded yet.
import type { ErrorDialect } from '../../http/endpoint.ts';
import { encodeError as encodeAnthropicError } from '../protocols/anthropic-messages/error.ts';
import { encodeError as encodeGoogleError } from '../protocols/google-generate/error.ts';

export { openaiChat as openaiErrors } from '../protocols/openai-chat/index.ts';

export const anthropicErrors: ErrorDialect = { encodeError: encodeAnthropicError };

export const googleErrors: ErrorDialect = { encodeError: encodeGoogleError };
