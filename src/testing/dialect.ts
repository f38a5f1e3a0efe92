// The two dialects behind one face.

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
import type { FakeError, FakeProtocol } from './fake-rule.ts';
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
import { type Question, readAnthropicQuestion, readOpenAIQuestion } from './question.ts';

export interface Dialect {
  readonly protocol: FakeProtocol;
  /** Why the vendor would refuse this body; `beta`: the request asks for beta features. */
  refuse(body: unknown, beta: boolean): FakeError | undefined;
  read(body: JsonObject): Question;
  body(answer: Answer): JsonObject;
  /** All events but the terminal one. */
  events(answer: Answer, includeUsage: boolean): StreamEvent[];
  readonly terminal: StreamEvent;
  errorBody(error: FakeError, serial: number): JsonObject;
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
  terminal: OPENAI_DONE,
  errorBody: openaiErrorBody,
  errorEvent: openaiErrorEvent,
  models: (ids) => openaiModels(ids, seconds()),
  headers: openaiHeaders,
};

const anthropic: Dialect = {
  protocol: 'anthropic',
  refuse: refuseAnthropic,
  read: readAnthropicQuestion,
  body: anthropicBody,
  events: anthropicEvents,
  terminal: ANTHROPIC_STOP,
  errorBody: anthropicErrorBody,
  errorEvent: anthropicErrorEvent,
  models: anthropicModels,
  headers: (serial) => anthropicHeaders(serial, new Date(Date.now() + 60_000).toISOString().replace(/\.\d+Z$/, 'Z')),
};

export const DIALECTS: Readonly<Record<FakeProtocol, Dialect>> = { openai, anthropic };
