import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { type Message, notificationText, requestText } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';

interface Waiting {
  readonly resolve: (answer: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

const MOST = 64;

/** The requests a session's client has been sent and has not answered yet. Ids are ours and count from the session's start. */
export class ClientQuestions {
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  /** Sends a request and resolves with its result; rejects with the client's own error, or when `signal` aborts. */
  ask(method: string, params: JsonObject, signal: AbortSignal, send: (text: string) => void): Promise<JsonObject> {
    if (this.#waiting.size >= MOST) {
      return Promise.reject(new JsonRpcError(CODES.internal, 'Too many questions wait for the client'));
    }
    return new Promise((resolve, reject) => {
      const id = `q${++this.#last}`;
      const onAbort = (): void => {
        if (!this.#waiting.delete(id)) return;
        send(notificationText('notifications/cancelled', { requestId: id }));
        reject(new JsonRpcError(CODES.internal, 'The call has ended'));
      };
      if (signal.aborted) {
        reject(new JsonRpcError(CODES.internal, 'The call has ended'));
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      const settle = (): void => {
        this.#waiting.delete(id);
        signal.removeEventListener('abort', onAbort);
      };
      this.#waiting.set(id, {
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      send(requestText(id, method, params));
    });
  }

  /** Takes the client's answer; one to nothing we asked is ignored. */
  answer(message: Message & { readonly kind: 'response' | 'failure' }): void {
    const waiting = typeof message.id === 'string' ? this.#waiting.get(message.id) : undefined;
    if (waiting === undefined) return;
    if (message.kind === 'response') waiting.resolve(message.result);
    else {
      const { code, text, data } = message;
      waiting.reject(new JsonRpcError(code, text, data === undefined ? {} : { data }));
    }
  }

  close(): void {
    for (const { reject } of [...this.#waiting.values()])
      reject(new JsonRpcError(CODES.internal, 'The session has ended'));
  }
}
