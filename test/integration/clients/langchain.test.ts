import {
  type AIMessage,
  type AIMessageChunk,
  HumanMessage,
  ToolMessage,
  type UsageMetadata,
} from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientProtocol, type Gateway, openGateway } from './gateway.ts';
import { FORM, TOOL, type Told, type Walker, walk } from './walk.ts';

function walkerOf(protocol: ClientProtocol, { url }: Gateway, useResponsesApi: boolean): Walker {
  const chat = (model: string) =>
    new ChatOpenAI({
      model,
      apiKey: 'caller',
      maxRetries: 0,
      useResponsesApi,
      zdrEnabled: true,
      configuration: { baseURL: `${url}/llm/v1` },
    });
  const told = ({
    text,
    usage_metadata: usage,
  }: {
    text: string;
    usage_metadata?: UsageMetadata | undefined;
  }): Told => ({
    text,
    usage: [usage?.input_tokens, usage?.output_tokens],
  });
  return {
    protocol,
    statusOf: (error) => (error instanceof OpenAI.APIError ? error.status : undefined),
    ask: async (model) => told(await chat(model).invoke('Hi')),
    async stream(model, onText, signal) {
      let whole: AIMessageChunk | undefined;
      for await (const chunk of await chat(model).stream('Hi', signal === undefined ? {} : { signal })) {
        if (chunk.text !== '') onText(chunk.text);
        whole = whole === undefined ? chunk : whole.concat(chunk);
      }
      return whole === undefined ? { text: '', usage: [undefined, undefined] } : told(whole);
    },
    async useTools(model, run, stream) {
      const { name, description, schema } = TOOL;
      const weather = tool(async (input) => run(input as { city: string }), { name, description, schema });
      const bound = chat(model).bindTools([weather]);
      const messages: (HumanMessage | AIMessage | AIMessageChunk | ToolMessage)[] = [new HumanMessage('Weather?')];
      for (;;) {
        let answer: AIMessage | AIMessageChunk | undefined;
        if (stream) {
          for await (const chunk of await bound.stream(messages)) {
            answer = answer === undefined ? chunk : (answer as AIMessageChunk).concat(chunk);
          }
        } else answer = await bound.invoke(messages);
        const calls = answer?.tool_calls ?? [];
        if (answer === undefined || calls.length === 0) return answer?.text ?? '';
        messages.push(answer);
        for (const { id = '', args } of calls) {
          messages.push(new ToolMessage({ tool_call_id: id, content: await weather.invoke(args) }));
        }
      }
    },
    fillIn: (model) => chat(model).withStructuredOutput(FORM, { method: 'jsonSchema', name: 'weather' }).invoke('Hi'),
  };
}

walk('@langchain/openai, chat completions', (gateway) => walkerOf('chat', gateway, false));
walk('@langchain/openai, responses', (gateway) => walkerOf('responses', gateway, true));

describe('@langchain/openai, embeddings', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await openGateway();
  });
  afterAll(() => gateway.close());

  it.each(['openai/text-embedding-3-small', 'google/gemini-embedding-001'])('%s', async (model) => {
    const configuration = { baseURL: `${gateway.url}/llm/v1` };
    const embeddings = new OpenAIEmbeddings({ model, apiKey: 'caller', maxRetries: 0, dimensions: 8, configuration });
    const [first, again] = [
      await embeddings.embedDocuments(['one', 'two', 'three']),
      await embeddings.embedQuery('two'),
    ];
    expect(first.map(({ length }) => length)).toEqual([8, 8, 8]);
    expect(first[1]).toEqual(again);
    expect(first[0]).not.toEqual(again);
  });
});
