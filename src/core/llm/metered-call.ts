import type { TokenCall, TokenUser } from '../policy/limits/token-limits.ts';
import type { JsonObject } from './canonical/request.ts';
import { estimateRequest } from './metering/body-tokens.ts';
import { outputBound, promptTokens } from './metering/prompt-tokens.ts';
import type { ClientProtocol } from './protocols/protocol.ts';
import type { Target } from './providers/target.ts';

/** A request to a target, as limits of tokens see it. */
export class MeteredCall implements TokenCall {
  readonly user: TokenUser;
  readonly provider: string;
  readonly model: string;
  readonly #request: JsonObject;
  readonly #client: ClientProtocol | undefined;
  #inputTokens: number | undefined;

  /** Without `client` the request has no messages. */
  constructor(user: TokenUser, { provider, alias }: Target, request: JsonObject, client: ClientProtocol | undefined) {
    this.user = user;
    this.provider = provider.name;
    this.model = alias;
    this.#request = request;
    this.#client = client;
  }

  get prefix(): string {
    return this.#client?.id.startsWith('openai') === true ? 'Rate limit exceeded: ' : '';
  }

  promptTokens(): number {
    return this.#client === undefined ? 0 : promptTokens(this.#request);
  }

  inputTokens(): number {
    this.#inputTokens ??= estimateRequest(this.#request);
    return this.#inputTokens;
  }

  outputBound(): number {
    return outputBound(this.#request);
  }
}
