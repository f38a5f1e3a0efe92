import OpenAI from 'openai';
import type { Gateway } from './gateway.ts';
import { FORM, TOOL, walk } from './walk.ts';

const clientOf = ({ url }: Gateway) => new OpenAI({ apiKey: 'caller', baseURL: `${url}/llm/v1`, maxRetries: 0 });
const statusOf = (error: unknown) => (error instanceof OpenAI.APIError ? error.status : undefined);
const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hi' }];
walk('openai, chat completions', (gateway) => {
  const client = clientOf(gateway);
  return {
    protocol: 'chat',
    statusOf,
    async ask(model) {
      const { choices, usage } = await client.chat.completions.create({ model, messages });
      return { text: choices[0]?.message.content ?? '', usage: [usage?.prompt_tokens, usage?.completion_tokens] };
    },
    async stream(model, onText, signal) {
      const body = { model, messages, stream_options: { include_usage: true } };
      const stream = client.chat.completions.stream(body, { signal });
      stream.on('content', onText);
      const { choices, usage } = await stream.finalChatCompletion();
      return { text: choices[0]?.message.content ?? '', usage: [usage?.prompt_tokens, usage?.completion_tokens] };
    },
    async useTools(model, run, stream) {
      const tool = {
        type: 'function' as const,
        function: {
          name: TOOL.name,
          description: TOOL.description,
          parameters: TOOL.schema,
          parse: (text: string) => JSON.parse(text) as { city: string },
          function: run,
        },
      };
      const runner = stream
        ? client.chat.completions.runTools({ model, messages, tools: [tool], stream })
        : client.chat.completions.runTools({ model, messages, tools: [tool] });
      return (await runner.finalContent()) ?? '';
    },
    async fillIn(model) {
      const json_schema = { name: 'weather', strict: true, schema: FORM };
      const response_format = { type: 'json_schema' as const, json_schema };
      const answer = await client.chat.completions.parse({ model, messages, response_format });
      return answer.choices[0]?.message.parsed;
    },
  };
});

walk('openai, responses', (gateway) => {
  const client = clientOf(gateway);
  const told = ({ output_text: text, usage }: OpenAI.Responses.Response) => ({
    text,
    usage: [usage?.input_tokens, usage?.output_tokens] as const,
  });
  return {
    protocol: 'responses',
    statusOf,
    ask: async (model) => told(await client.responses.create({ model, input: 'Hi', store: false })),
    async stream(model, onText, signal) {
      const stream = client.responses.stream({ model, input: 'Hi', store: false }, { signal });
      stream.on('response.output_text.delta', ({ delta }) => onText(delta));
      return told(await stream.finalResponse());
    },
    async useTools(model, run, stream) {
      const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather?' }];
      const { name, description, schema: parameters } = TOOL;
      const tools = [{ type: 'function' as const, name, description, parameters, strict: true }];
      for (;;) {
        const body = { model, input, tools, store: false };
        const response: OpenAI.Responses.Response = stream
          ? await client.responses.stream(body).finalResponse()
          : await client.responses.create(body);
        const calls = response.output.filter((item) => item.type === 'function_call');
        if (calls.length === 0) return response.output_text;
        input.push(...(response.output as OpenAI.Responses.ResponseInput));
        for (const { call_id, arguments: text } of calls) {
          input.push({ type: 'function_call_output', call_id, output: run(JSON.parse(text)) });
        }
      }
    },
    async fillIn(model) {
      const format = { type: 'json_schema' as const, name: 'weather', strict: true, schema: FORM };
      return (await client.responses.parse({ model, input: 'Hi', store: false, text: { format } })).output_parsed;
    },
  };
});
