import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import {
  APICallError,
  generateObject,
  generateText,
  jsonSchema,
  type LanguageModel,
  type LanguageModelUsage,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import type { ClientProtocol, Gateway } from './gateway.ts';
import { FORM, TOOL, type Walker, walk } from './walk.ts';

const providerOptions = {
  // Nothing is stored in between, so earlier turns must come whole and not as references to what OpenAI keeps.
  openai: { store: false },
  // Whether a model can do this is otherwise guessed from its name.
  anthropic: { structuredOutputMode: 'outputFormat' },
};

/** The library on top is the same for all: only the model it is given knows a protocol. */
function walkerOf(protocol: ClientProtocol, languageModel: (model: string) => LanguageModel): Walker {
  const ask = (model: string) => ({ model: languageModel(model), prompt: 'Hi', maxRetries: 0, providerOptions });
  const usageOf = ({ inputTokens, outputTokens }: LanguageModelUsage) => [inputTokens, outputTokens] as const;
  return {
    protocol,
    statusOf: (error) => (APICallError.isInstance(error) ? error.statusCode : undefined),
    async ask(model) {
      const { text, usage } = await generateText(ask(model));
      return { text, usage: usageOf(usage) };
    },
    async stream(model, onText, abortSignal) {
      const { fullStream, text, usage } = streamText({
        ...ask(model),
        ...(abortSignal && { abortSignal }),
        onError: () => undefined,
      });
      const whole = Promise.all([text, usage]);
      // Where the stream ends early these are rejected too; the part that says why comes first.
      whole.catch(() => undefined);
      for await (const part of fullStream) {
        if (part.type === 'text-delta') onText(part.text);
        if (part.type === 'error') throw part.error;
      }
      const [told, counted] = await whole;
      return { text: told, usage: usageOf(counted) };
    },
    async useTools(model, run, stream) {
      const { description, schema } = TOOL;
      const weather = tool({ description, inputSchema: jsonSchema<{ city: string }>(schema), execute: run });
      const request = { ...ask(model), tools: { [TOOL.name]: weather }, stopWhen: stepCountIs(4) };
      return stream ? await streamText(request).text : (await generateText(request)).text;
    },
    async fillIn(model) {
      return (await generateObject({ ...ask(model), schema: jsonSchema(FORM) })).object;
    },
  };
}

const apiKey = 'caller';

walk('ai, @ai-sdk/openai chat', ({ url }: Gateway) => {
  const openai = createOpenAI({ apiKey, baseURL: `${url}/llm/v1` });
  return walkerOf('chat', (model) => openai.chat(model));
});

walk('ai, @ai-sdk/openai responses', ({ url }: Gateway) => {
  const openai = createOpenAI({ apiKey, baseURL: `${url}/llm/v1` });
  return walkerOf('responses', (model) => openai.responses(model));
});

walk('ai, @ai-sdk/anthropic', ({ url }: Gateway) => {
  const anthropic = createAnthropic({ apiKey, baseURL: `${url}/llm/v1` });
  return walkerOf('messages', (model) => anthropic(model));
});

walk('ai, @ai-sdk/google', ({ url }: Gateway) => {
  const google = createGoogleGenerativeAI({ apiKey, baseURL: `${url}/llm/google/v1beta` });
  return walkerOf('google', (model) => google(model));
});
