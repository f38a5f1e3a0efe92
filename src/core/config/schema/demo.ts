// The `demo` table: whether the built-in demo provider answers, and what it was told to say. The same rules script the
// fake provider of `nexus-ai/testing`.
import * as z from 'zod';

/** Ways an answer can go wrong, in the order: connection, head, body, stream, usage. Meanings: `FakeFault` in testing. */
export const FAKE_FAULTS = [
  'reset',
  'close',
  'hang',
  'stall',
  'headers-then-hang',
  'bad-status-line',
  'header-flood',
  'wrong-length',
  'dup-length',
  'length-and-chunked',
  'wrong-content-type',
  'not-json',
  'truncated-json',
  'json-null',
  'wrong-shape',
  'no-choices',
  'empty',
  'html',
  'bom',
  'gzip',
  'deflate',
  'br',
  'gzip-lie',
  'sse-for-json',
  'json-for-sse',
  'proto-in-answer',
  'deep-json',
  'bad-chunk',
  'one-packet',
  'slow-drip',
  'split-events',
  'crlf-sse',
  'cr-sse',
  'sse-quirks',
  'newline-flood',
  'multi-data-lines',
  'no-final-newline',
  'bad-sse',
  'no-done',
  'after-done',
  'error-first-event',
  'error-in-stream',
  'usage-missing',
  'usage-absurd',
] as const;

const milliseconds = (meaning: string) =>
  z.int().min(0).max(3_600_000).describe(`${meaning}, in milliseconds (at most one hour)`);
const tokens = (meaning: string) => z.int().min(0).describe(`${meaning}, in tokens`);

const fakeMatchSchema = () =>
  z
    .strictObject({
      protocol: z
        .enum(['openai', 'responses', 'anthropic', 'google', 'bedrock'])
        .optional()
        .describe('The dialect the request speaks'),
      model: z.string().min(1).optional().describe('The model asked for; `*` stands for any text'),
      prompt: z.string().optional().describe('Text the last user message contains, in any case'),
      stream: z.boolean().optional().describe('Whether a stream was asked for'),
      hasTools: z.boolean().optional().describe('Whether the request declares tools'),
      hasToolResult: z.boolean().optional().describe('Whether the last turn brings the result of a tool'),
    })
    .describe('What a request must look like; absent members match anything');

const fakeToolCallSchema = () =>
  z.strictObject({
    name: z.string().min(1).describe('Name of the tool'),
    arguments: z
      .union([z.record(z.string(), z.unknown()), z.string()])
      .optional()
      .describe('Arguments as a table, or as raw text (which may be broken JSON); default: none'),
    id: z.string().min(1).optional().describe('Id of the call; default: one in the style of the dialect'),
    namespace: z.string().min(1).optional().describe("Namespace of the tool; OpenAI's responses dialect only"),
  });

const fakeErrorSchema = () =>
  z.strictObject({
    status: z.int().min(400).max(599).describe('HTTP status'),
    message: z.string().describe('Text of the error'),
    type: z.string().optional().describe('Type of the error; default: the one the vendor uses for this status'),
    code: z.string().optional().describe("Machine code of the error; OpenAI's dialect only"),
    retryAfter: z
      .union([z.number().min(0), z.string()])
      .optional()
      .describe('Value of the `retry-after` header: seconds, or an HTTP date'),
  });

const fakeReplySchema = () =>
  z
    .strictObject({
      text: z.string().optional().describe('Text of the answer'),
      toolCalls: z.array(fakeToolCallSchema()).optional().describe('Tool calls of the answer, in order'),
      finish: z
        .enum(['stop', 'length', 'tool_calls', 'content_filter'])
        .optional()
        .describe('Why the answer ended; default: `tool_calls` when there are any, else `stop`'),
      usage: z
        .strictObject({
          input: tokens('Everything the model read, cached or not').optional(),
          output: tokens('Everything the model wrote').optional(),
          cacheRead: tokens('Part of the input read from the prompt cache').optional(),
          cacheWrite: tokens('Part of the input written to the prompt cache').optional(),
          reasoning: tokens('Part of the output spent on reasoning').optional(),
        })
        .optional()
        .describe('Usage to report; absent counts are estimated at four characters a token'),
      delay: milliseconds('Wait before the head of the answer').optional(),
      pace: milliseconds('Wait between the chunks of a stream').optional(),
      chunkSize: z.int().min(1).optional().describe('Characters in each chunk of a stream; default: 8'),
      status: z.int().min(200).max(599).optional().describe('HTTP status of the answer; default: 200'),
      headers: z.record(z.string(), z.string()).optional().describe('Further headers of the answer'),
      error: fakeErrorSchema().optional().describe("An error in the dialect's own envelope, instead of an answer"),
      fault: z.enum(FAKE_FAULTS).optional().describe('A way for the answer to go wrong'),
      after: z.int().min(0).optional().describe('Chunks of text or arguments that are sent before the fault happens'),
      body: z.string().optional().describe('Raw text of the body, instead of an answer'),
      contentType: z.string().optional().describe('Content type of `body`; default: application/json'),
    })
    .describe('What is answered; an empty reply is the default answer');

/** One rule of the fake provider: which requests it takes, how often, and what they get. */
export const fakeRuleSchema = () =>
  z
    .strictObject({
      match: fakeMatchSchema().optional(),
      times: z
        .int()
        .min(1)
        .optional()
        .describe('How many requests this rule answers before it is used up; default: all'),
      reply: fakeReplySchema(),
    })
    .describe('The first rule that matches and is not used up answers the request');

export const demoSchema = () =>
  z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether the demo provider answers'),
      rules: z
        .array(z.lazy(fakeRuleSchema))
        .default([])
        .describe('Scripted answers, tried in order before the default answer'),
    })
    .describe('The built-in demo provider: answers without a key, a network or a bill');
