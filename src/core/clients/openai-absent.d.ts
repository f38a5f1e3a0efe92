// Stands for the types of the package `openai` where it is not installed: `npm install openai` brings the real ones.

export interface OpenAI {
  readonly 'the package openai is not installed': never;
  chat: { completions: { create(): unknown } };
  responses: { create(): unknown };
}

export namespace OpenAI {
  export type RequestOptions = unknown;
  export type ChatCompletion = unknown;
  export type ChatCompletionCreateParamsNonStreaming = unknown;
  export type ChatCompletionCreateParamsStreaming = unknown;
  export namespace Responses {
    export type Response = unknown;
    export type ResponseCreateParamsNonStreaming = unknown;
    export type ResponseCreateParamsStreaming = unknown;
  }
}

export type ClientOptions = object;
export type APIPromise<Value> = Promise<Value>;
