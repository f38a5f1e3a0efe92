// All dialects behind one face.

import type { Answer, StreamEvent } from './answer.ts';
import {
  ANTHROPIC_STOP,
  anthropicBody,
  anthropicErrorBody,
  anthropicErrorEvent,
  anthropicEvents,
  anthropicHeaders,
  anthropicModels,
} from './anthropic-answers.ts';
import { refuseAnthropic } from './anthropic-refusals.ts';
import {
  bedrockBody,
  bedrockEnd,
  bedrockErrorBody,
  bedrockErrorEvent,
  bedrockErrorHeaders,
  bedrockEvents,
  bedrockHeaders,
} from './bedrock-answers.ts';
import { bedrockFrame } from './bedrock-frames.ts';
import { readBedrockQuestion } from './bedrock-question.ts';
import { refuseBedrock } from './bedrock-refusals.ts';
import type { FakeError, FakeProtocol } from './fake-rule.ts';
import {
  googleBody,
  googleEnd,
  googleErrorBody,
  googleErrorEvent,
  googleEvents,
  googleModels,
} from './google-answers.ts';
import { refuseGoogle } from './google-refusals.ts';
import type { JsonObject } from './json-value.ts';
import {
  OPENAI_DONE,
  openaiBody,
  openaiErrorBody,
  openaiErrorEvent,
  openaiEvents,
  openaiHeaders,
  openaiModels,
} from './openai-answers.ts';
import { refuseOpenAI } from './openai-refusals.ts';
import {
  type Question,
  readAnthropicQuestion,
  readGoogleQuestion,
  readOpenAIQuestion,
  readResponsesQuestion,
} from './question.ts';
import { responsesBody, responsesEnd, responsesErrorEvent, responsesEvents } from './responses-answers.ts';
import { refuseResponses } from './responses-refusals.ts';

export interface Dialect {
  readonly protocol: FakeProtocol;
  /** Why the vendor would refuse this body; `beta`: the request asks for beta features. */
  refuse(body: unknown, beta: boolean): FakeError | undefined;
  /** `path`: where it was asked, without the query. */
  read(body: JsonObject, path: string): Question;
  body(answer: Answer): JsonObject;
  /** All events but the terminal one. */
  events(answer: Answer, includeUsage: boolean): StreamEvent[];
  terminal(answer: Answer): StreamEvent;
  /** How events travel, where not as a text stream. */
  readonly framing?: { readonly contentType: string; frame(event: StreamEvent): Uint8Array };
  errorBody(error: FakeError, serial: number): JsonObject;
  /** Headers that an error has besides. */
  errorHeaders?(error: FakeError): [string, string][];
  errorEvent(error: FakeError): StreamEvent;
  models(ids: readonly string[]): JsonObject;
  /** Headers of every answer, beside those that describe its body. */
  headers(serial: number): [string, string][];
}

const seconds = () => Math.floor(Date.now() / 1000);

const openai: Dialect = {
  protocol: 'openai',
  refuse: (body) => refuseOpenAI(body),
  read: readOpenAIQuestion,
  body: (answer) => openaiBody(answer, seconds()),
  events: (answer, includeUsage) => openaiEvents(answer, seconds(), includeUsage),
  terminal: () => OPENAI_DONE,
  errorBody: openaiErrorBody,
  errorEvent: openaiErrorEvent,
  models: (ids) => openaiModels(ids, seconds()),
  headers: openaiHeaders,
};

const responses: Dialect = {
  ...openai,
  protocol: 'responses',
  refuse: (body) => refuseResponses(body),
  read: readResponsesQuestion,
  body: (answer) => responsesBody(answer, seconds()),
  events: (answer) => responsesEvents(answer, seconds()),
  terminal: (answer) => responsesEnd(answer, seconds()),
  errorEvent: responsesErrorEvent,
};

const google: Dialect = {
  protocol: 'google',
  refuse: (body) => refuseGoogle(body),
  read: readGoogleQuestion,
  body: googleBody,
  events: googleEvents,
  terminal: googleEnd,
  errorBody: googleErrorBody,
  errorEvent: googleErrorEvent,
  models: googleModels,
  headers: () => [],
};

const anthropic: Dialect = {
  protocol: 'anthropic',
  refuse: refuseAnthropic,
  read: readAnthropicQuestion,
  body: anthropicBody,
  events: anthropicEvents,
  terminal: () => ANTHROPIC_STOP,
  errorBody: anthropicErrorBody,
  errorEvent: anthropicErrorEvent,
  models: anthropicModels,
  headers: (serial) => anthropicHeaders(serial, new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, 'Z')),
};

const bedrock: Dialect = {
  protocol: 'bedrock',
  refuse: (body) => refuseBedrock(body),
  read: readBedrockQuestion,
  body: bedrockBody,
  events: bedrockEvents,
  terminal: bedrockEnd,
  framing: { contentType: 'application/vnd.amazon.eventstream', frame: bedrockFrame },
  errorBody: bedrockErrorBody,
  errorHeaders: bedrockErrorHeaders,
  errorEvent: bedrockErrorEvent,
  models: () => ({}),
  headers: bedrockHeaders,
};

export const DIALECTS: Readonly<Record<FakeProtocol, Dialect>> = {
  openai,
  responses,
  anthropic,
  google,
  bedrock,
};
