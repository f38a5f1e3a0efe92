import { ApiError, type CallableTool, type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import { FORM, type RunTool, TOOL, walk } from './walk.ts';

/** The tool as this library calls it by itself. */
function callable(run: RunTool): CallableTool {
  const { name, description, schema: parametersJsonSchema } = TOOL;
  return {
    tool: async () => ({ functionDeclarations: [{ name, description, parametersJsonSchema }] }),
    callTool: async (calls) =>
      calls.map(({ id, name = '', args }) => ({
        functionResponse: {
          ...(id === undefined ? {} : { id }),
          name,
          response: { output: run(args as { city: string }) },
        },
      })),
  };
}

walk('@google/genai', ({ url }) => {
  const httpOptions = { baseUrl: `${url}/llm/google`, retryOptions: { attempts: 1 } };
  const { models } = new GoogleGenAI({ apiKey: 'caller', httpOptions });
  const usageOf = (usage: GenerateContentResponse['usageMetadata']) =>
    [usage?.promptTokenCount, (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0)] as const;
  return {
    protocol: 'google',
    statusOf: (error) => (error instanceof ApiError ? error.status : undefined),
    async ask(model) {
      const answer = await models.generateContent({ model, contents: 'Hi' });
      return { text: answer.text ?? '', usage: usageOf(answer.usageMetadata) };
    },
    async stream(model, onText, abortSignal) {
      let text = '';
      let usage: GenerateContentResponse['usageMetadata'];
      const config = abortSignal === undefined ? {} : { abortSignal };
      for await (const chunk of await models.generateContentStream({ model, contents: 'Hi', config })) {
        if (chunk.text !== undefined && chunk.text !== '') {
          text += chunk.text;
          onText(chunk.text);
        }
        usage = chunk.usageMetadata ?? usage;
      }
      return { text, usage: usageOf(usage) };
    },
    async useTools(model, run, stream) {
      const request = { model, contents: 'Weather?', config: { tools: [callable(run)] } };
      if (!stream) return (await models.generateContent(request)).text ?? '';
      let text = '';
      for await (const chunk of await models.generateContentStream(request)) {
        // The first answer comes through too; what counts here is what is said after the results.
        text = chunk.functionCalls === undefined ? text + (chunk.text ?? '') : '';
      }
      return text;
    },
    async fillIn(model) {
      const config = { responseMimeType: 'application/json', responseJsonSchema: FORM };
      return JSON.parse((await models.generateContent({ model, contents: 'Hi', config })).text ?? '');
    },
  };
});
