import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject } from '../wire/message.ts';
import { CODES } from '../wire/revision.ts';

interface Question {
  readonly method: string;
  readonly params: JsonObject;
  readonly resolve: (answer: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

/** What a turn of a conversation comes to: the end of the call, or questions to the client. */
export type Turn =
  | { readonly kind: 'result'; readonly result: JsonObject }
  | { readonly kind: 'questions'; readonly questions: JsonObject };

/**
 * One call whose server asks the client in turn, for clients that cannot be asked while a call runs: the questions are
 * handed out as the answer to the call, and the call goes on when it is repeated with their answers.
 */
export class Conversation {
  /** Aborts the call. */
  readonly controller = new AbortController();
  /** Where notifications go; the stream of the turn that is being answered, or nowhere. */
  outlet: ((method: string, params: JsonObject) => void) | undefined;
  readonly #questions = new Map<string, Question>();
  #asked = 0;
  #wake: () => void = () => {};
  #end: Promise<JsonObject> | undefined;

  /** Starts the call. */
  begin(call: () => Promise<JsonObject>): void {
    this.#end = call();
    // Turns look at it; between two turns nobody does.
    this.#end.catch(() => {});
  }

  /** A question of the server; resolves with the client's answer. */
  ask(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const key = `${method.replace(/[^a-zA-Z]+/g, '_')}_${++this.#asked}`;
      const onAbort = (): void => {
        this.#questions.delete(key);
        reject(new JsonRpcError(CODES.internal, 'The call has ended'));
      };
      if (signal.aborted || this.controller.signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.controller.signal.addEventListener('abort', onAbort, { once: true });
      const forget = (): void => {
        signal.removeEventListener('abort', onAbort);
        this.controller.signal.removeEventListener('abort', onAbort);
        this.#questions.delete(key);
      };
      this.#questions.set(key, {
        method,
        params,
        resolve: (answer) => {
          forget();
          resolve(answer);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      });
      this.#wake();
    });
  }

  /** Takes the answers a repeated call has brought; those to questions that were not asked are left alone. */
  answer(responses: unknown): void {
    if (!isObject(responses)) return;
    for (const [key, question] of [...this.#questions]) {
      if (!Object.hasOwn(responses, key)) continue;
      const answer = responses[key];
      if (isObject(answer)) question.resolve(answer);
      else question.reject(new JsonRpcError(CODES.invalidParams, 'The client gave no readable answer'));
    }
  }

  /** Waits for the end of the call or for a question. Rejects as the call does. */
  async turn(): Promise<Turn> {
    const end = this.#end;
    if (end === undefined) throw new JsonRpcError(CODES.internal, 'The call was never begun');
    if (this.#questions.size === 0) {
      const asked = new Promise<undefined>((resolve) => {
        this.#wake = () => resolve(undefined);
      });
      const result = await Promise.race([end, asked]);
      if (result !== undefined) return { kind: 'result', result };
      // Questions that are asked side by side travel together.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const questions: Record<string, JsonObject> = {};
    for (const [key, { method, params }] of this.#questions) questions[key] = { method, params };
    // Taken back in the same moment.
    if (Object.keys(questions).length === 0) return { kind: 'result', result: await end };
    return { kind: 'questions', questions };
  }
}
