import { Buffer } from 'node:buffer';
import type { ErrorCode } from '../../errors/codes.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Transport, UpstreamCall } from '../../http/transport.ts';
import { classifyFailure } from './classify.ts';

/** Lists of models are the largest answers that are asked for; the longest known has a megabyte. */
const ANSWER_LIMIT = 8 * 1024 * 1024;

export interface JsonQuestion {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

/**
 * Asks an upstream something of our own: one GET, its whole answer read as JSON.
 *
 * Rejects with the signal's reason once it is aborted, and with a `NexusError` for any answer but a success that is JSON
 * of at most 8 MiB. What the upstream says in an error is not repeated: it may quote the key.
 */
export function getJson(transport: Transport, question: JsonQuestion, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let call: UpstreamCall | undefined;
    let over = false;
    let status = 0;
    let size = 0;
    const chunks: Buffer[] = [];
    const settle = (act: () => void): void => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const giveUp = (reason: unknown): void => {
      settle(() => reject(reason));
      call?.abort();
    };
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener('abort', onAbort);
    call = transport.send(
      { ...question, method: 'GET', body: null },
      {
        onHead(answered) {
          status = answered;
          if (status < 200 || status > 299) giveUp(refused(status));
        },
        onData(chunk) {
          size += chunk.length;
          if (size > ANSWER_LIMIT) giveUp(invalid(`is larger than ${ANSWER_LIMIT} bytes`));
          else chunks.push(chunk);
        },
        onEnd() {
          settle(() => {
            try {
              // The decoder drops a byte order mark.
              resolve(JSON.parse(new TextDecoder().decode(Buffer.concat(chunks, size))));
            } catch {
              reject(invalid('is not JSON'));
            }
          });
        },
        onError: (error) => giveUp(classifyFailure(error)),
      },
    );
    // The transport may have answered before it returned.
    if (over) call.abort();
  });
}

function refused(status: number): NexusError {
  const hint = status === 404 ? ' (is its base URL complete, with /v1 where the vendor has one?)' : '';
  return new NexusError(codeOf(status), `The provider answered with status ${status}${hint}`);
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'upstream_auth';
  if (status === 429) return 'upstream_rate_limited';
  return status >= 500 ? 'upstream_unavailable' : 'upstream_rejected';
}

function invalid(what: string): NexusError {
  return new NexusError('upstream_invalid', `The provider's answer ${what}`);
}
