// From a reply to the bytes that leave: status, headers, pieces, and how the connection ends.
import { type Answer, composeAnswer, priced } from './answer.ts';
import type { Delivery, Ending, Piece } from './delivery.ts';
import type { Dialect } from './dialect.ts';
import { eventTexts } from './event-text.ts';
import type { FakeError, FakeReply } from './fake-rule.ts';
import { encoded, faultyBody, faultyEvents, faultyHead, positionAfter, recut } from './faults.ts';
import type { Question } from './question.ts';

export interface BilledDelivery {
  readonly delivery: Delivery;
  /** Input tokens that are billed once the head leaves. */
  readonly inputTokens: number;
  readonly stream: boolean;
}

interface Content {
  readonly status: number;
  readonly contentType: string;
  readonly pieces: readonly Piece[];
  /** What is sent before the connection breaks, if it does. */
  readonly beginning: readonly Piece[];
  readonly stream: boolean;
}

const JSON_TYPE = 'application/json';
const STREAM_TYPE = 'text/event-stream; charset=utf-8';
const DEFAULT_FAILURE: FakeError = { status: 500, message: 'The server had an error while processing your request.' };

function plain(text: string, contentType: string, status: number, tokens = 0): Content {
  const bytes = Buffer.from(text);
  const beginning = [{ bytes: bytes.subarray(0, Math.floor(bytes.length / 2)), tokens: 0 }];
  return { status, contentType, pieces: [{ bytes, tokens }], beginning, stream: false };
}

function streamed(dialect: Dialect, question: Question, reply: FakeReply, answer: Answer): Content {
  const { fault, after } = reply;
  const good = priced(dialect.events(answer, question.includeUsage), answer.usage.output);
  const failure = dialect.errorEvent(reply.error ?? DEFAULT_FAILURE);
  const events = faultyEvents(good, dialect.terminal(answer), failure, { fault, after });
  const { framing } = dialect;
  const frames =
    framing === undefined ? eventTexts(events, fault).map((text) => Buffer.from(text)) : events.map(framing.frame);
  const pieces = frames.map((bytes, index) => ({ bytes, tokens: events[index]?.tokens ?? 0 }));
  const size =
    fault === 'slow-drip' ? 1 : fault === 'split-events' ? 7 : fault === 'one-packet' ? Number.MAX_SAFE_INTEGER : 0;
  return {
    status: reply.status ?? 200,
    contentType: framing?.contentType ?? STREAM_TYPE,
    pieces: size === 0 ? pieces : recut(pieces, size),
    beginning: pieces.slice(0, positionAfter(events, after ?? 1)),
    stream: true,
  };
}

function contentOf(dialect: Dialect, question: Question, reply: FakeReply, answer: Answer, serial: number): Content {
  const { error, fault } = reply;
  const stream = question.stream ? fault !== 'json-for-sse' : fault === 'sse-for-json';
  const inStream = stream && (fault === 'error-first-event' || fault === 'error-in-stream');
  if (error !== undefined && !inStream) {
    return plain(JSON.stringify(dialect.errorBody(error, serial)), JSON_TYPE, reply.status ?? error.status);
  }
  const status = reply.status ?? 200;
  if (reply.body !== undefined) {
    return plain(reply.body, reply.contentType ?? JSON_TYPE, status, reply.usage?.output ?? 0);
  }
  const body = dialect.body(answer);
  const faulty = faultyBody(fault, body);
  if (faulty !== undefined) return plain(faulty, fault === 'html' ? 'text/html' : JSON_TYPE, status);
  if (stream) return streamed(dialect, question, reply, answer);
  return plain(JSON.stringify(body), JSON_TYPE, status, answer.usage.output);
}

/** What a connection fault leaves of an answer; undefined: the whole of it. */
function broken(
  { fault, after }: FakeReply,
  beginning: readonly Piece[],
): { ending: Ending; head: boolean; pieces: readonly Piece[] } | undefined {
  switch (fault) {
    case 'reset':
    case 'close':
      return after === undefined
        ? { ending: fault, head: false, pieces: [] }
        : { ending: fault, head: true, pieces: beginning };
    case 'hang':
      return { ending: 'silence', head: false, pieces: [] };
    case 'headers-then-hang':
      return { ending: 'silence', head: true, pieces: [] };
    case 'stall':
      return { ending: 'silence', head: true, pieces: beginning };
    default:
      return undefined;
  }
}

export function composeDelivery(
  dialect: Dialect,
  question: Question,
  reply: FakeReply,
  serial: number,
): BilledDelivery {
  const { fault, error } = reply;
  const answer = composeAnswer(question, reply, serial);
  const content = contentOf(dialect, question, reply, answer, serial);
  let pieces = content.pieces;
  const headers = new Map(dialect.headers(serial));
  headers.set('content-type', fault === 'wrong-content-type' ? 'text/plain' : content.contentType);
  if (fault === 'bom') pieces = [{ bytes: Buffer.from('\uFEFF'), tokens: 0 }, ...pieces];
  const encoding = encoded(fault, pieces);
  if (encoding !== undefined) {
    headers.set('content-encoding', encoding[0]);
    pieces = [encoding[1]];
  }
  if (content.stream) headers.set('cache-control', 'no-cache');
  else headers.set('content-length', String(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0)));
  if (error !== undefined) for (const [name, value] of dialect.errorHeaders?.(error) ?? []) headers.set(name, value);
  if (error?.retryAfter !== undefined) headers.set('retry-after', String(error.retryAfter));
  for (const [name, value] of Object.entries(reply.headers ?? {})) headers.set(name.toLowerCase(), value);

  const { ending, head, pieces: sent } = broken(reply, content.beginning) ?? { ending: 'whole', head: true, pieces };
  const delivery: Delivery = {
    head: head ? { status: content.status, headers: [...headers] } : undefined,
    pieces: sent,
    ending,
    delay: reply.delay ?? 0,
    pace: content.stream ? (reply.pace ?? 0) : 0,
  };
  return {
    delivery: faultyHead(fault, delivery),
    inputTokens: content.status < 300 ? answer.usage.input : 0,
    stream: content.stream,
  };
}
