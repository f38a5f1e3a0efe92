// The client of the package `openai`, an optional peer, as one that knows the models of a router. `#openai`: openai-peer.d.ts.
import type { APIPromise, ClientOptions, OpenAI } from '#openai';

/** What the client can be told; where it calls, and how, is settled. */
export type OpenAIOptions = Omit<ClientOptions, 'baseURL' | 'fetch'>;

/** OpenAI's client, which knows the names of this router's models. Other names are taken as well. */
export interface NexusOpenAI<Model extends string = string> extends OpenAI {
  chat: { completions: NamedCompletions<Model> } & OpenAI['chat'];
  responses: NamedResponses<Model> & OpenAI['responses'];
}

type Named<Parameters, Model extends string> = Omit<Parameters, 'model'> & { model: Model | (string & {}) };

/** What a call gives that asks for a stream. */
type StreamOf<Create extends (...given: never[]) => unknown> = APIPromise<
  Extract<Awaited<ReturnType<Create>>, AsyncIterable<unknown>>
>;

export interface NamedCompletions<Model extends string> {
  create(
    body: Named<OpenAI.ChatCompletionCreateParamsNonStreaming, Model>,
    options?: OpenAI.RequestOptions,
  ): APIPromise<OpenAI.ChatCompletion>;
  create(
    body: Named<OpenAI.ChatCompletionCreateParamsStreaming, Model>,
    options?: OpenAI.RequestOptions,
  ): StreamOf<OpenAI['chat']['completions']['create']>;
}

export interface NamedResponses<Model extends string> {
  create(
    body: Named<OpenAI.Responses.ResponseCreateParamsNonStreaming, Model>,
    options?: OpenAI.RequestOptions,
  ): APIPromise<OpenAI.Responses.Response>;
  create(
    body: Named<OpenAI.Responses.ResponseCreateParamsStreaming, Model>,
    options?: OpenAI.RequestOptions,
  ): StreamOf<OpenAI['responses']['create']>;
}
