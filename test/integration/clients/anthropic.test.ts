import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { FORM, TOOL, walk } from './walk.ts';

walk('@anthropic-ai/sdk', ({ url }) => {
  const client = new Anthropic({ apiKey: 'caller', baseURL: `${url}/llm`, maxRetries: 0 });
  const ask = (model: string) => ({ model, max_tokens: 500, messages: [{ role: 'user' as const, content: 'Hi' }] });
  const textOf = (message: Pick<Anthropic.Beta.BetaMessage, 'content'>) =>
    message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const told = ({ content, usage }: Anthropic.Message) => ({
    text: textOf({ content } as Anthropic.Beta.BetaMessage),
    // This protocol counts what came from the cache beside the rest.
    usage: [usage.input_tokens + (usage.cache_read_input_tokens ?? 0), usage.output_tokens] as const,
  });
  return {
    protocol: 'messages',
    statusOf: (error) => (error instanceof Anthropic.APIError ? error.status : undefined),
    ask: async (model) => told(await client.messages.create(ask(model))),
    async stream(model, onText, signal) {
      const stream = client.messages.stream(ask(model), { signal });
      stream.on('text', onText);
      return told(await stream.finalMessage());
    },
    async useTools(model, run, stream) {
      const { name, description, schema: inputSchema } = TOOL;
      const tools = [betaTool({ name, description, inputSchema, run })];
      if (!stream) return textOf(await client.beta.messages.toolRunner({ ...ask(model), tools }));
      return textOf(await client.beta.messages.toolRunner({ ...ask(model), tools, stream }).runUntilDone());
    },
    async fillIn(model) {
      const format = jsonSchemaOutputFormat(FORM);
      return (await client.messages.parse({ ...ask(model), output_config: { format } })).parsed_output;
    },
  };
});
