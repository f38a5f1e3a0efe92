import type { FakeFault, FakeReply } from 'nexus-ai/testing';
import type { DialectName } from './dialects.ts';

/*
 * What comes of every fault of a provider, for the clients of a route: the yardstick of the failover tests and the source of
 * docs/faults.md.
 */

/** The whole text; an error status; or, of a stream, some text and then the dialect's error. */
export type Outcome = 'whole' | 'cut' | 429 | 500 | 502 | 504;

export interface FaultRow {
  readonly fault: FakeFault;
  /** What happens, where the fault's name does not say all of it. */
  readonly note?: string;
  readonly plain: Outcome;
  readonly stream: Outcome | ((dialect: DialectName) => Outcome);
  readonly reply?: FakeReply;
  /** What the fault is about is waiting: asked with short deadlines. */
  readonly hasty?: boolean;
}

const whole = (fault: FakeFault): FaultRow => ({ fault, plain: 'whole', stream: 'whole' });
const refused = (fault: FakeFault): FaultRow => ({ fault, plain: 502, stream: 502 });
const AFTER = { after: 3, chunkSize: 4 };

/** With one target alone. */
export const FAULT_ROWS: readonly FaultRow[] = [
  refused('reset'),
  refused('close'),
  refused('bad-status-line'),
  refused('header-flood'),
  refused('dup-length'),
  refused('bad-chunk'),
  refused('not-json'),
  refused('truncated-json'),
  refused('json-null'),
  refused('wrong-shape'),
  refused('empty'),
  refused('html'),
  refused('deep-json'),
  refused('gzip-lie'),
  { fault: 'hang', plain: 504, stream: 504, hasty: true },
  { fault: 'headers-then-hang', plain: 504, stream: 504, hasty: true },
  { fault: 'stall', note: 'after content', plain: 504, stream: 'cut', hasty: true, reply: AFTER },
  { fault: 'stall', note: 'before content', plain: 504, stream: 504, hasty: true, reply: { after: 0 } },
  { fault: 'reset', note: 'after content', plain: 502, stream: 'cut', reply: AFTER },
  { fault: 'close', note: 'after content', plain: 502, stream: 'cut', reply: AFTER },
  { fault: 'wrong-length', plain: 502, stream: 'whole' },
  whole('wrong-content-type'),
  whole('proto-in-answer'),
  whole('bom'),
  whole('gzip'),
  whole('deflate'),
  whole('br'),
  whole('sse-for-json'),
  whole('json-for-sse'),
  whole('one-packet'),
  whole('slow-drip'),
  whole('split-events'),
  whole('crlf-sse'),
  whole('cr-sse'),
  whole('sse-quirks'),
  whole('multi-data-lines'),
  whole('newline-flood'),
  whole('no-final-newline'),
  whole('bad-sse'),
  whole('after-done'),
  whole('usage-missing'),
  whole('usage-absurd'),
  // The last event of the responses format is the one that says why the model stopped: without it the answer is half.
  { fault: 'no-done', plain: 'whole', stream: (dialect) => (dialect === 'responses' ? 'cut' : 'whole') },
  {
    fault: 'error-first-event',
    note: 'a limit',
    plain: 429,
    stream: 429,
    reply: { error: { status: 429, message: 'busy now' } },
  },
  { fault: 'error-in-stream', note: 'after content', plain: 'whole', stream: 'cut', reply: AFTER },
];

export const ROUTED_DIALECTS = ['chat', 'messages', 'responses'] as const satisfies readonly DialectName[];

/** `isAlone`: there is no other target. */
export function outcomeOf(row: FaultRow, dialect: DialectName, stream: boolean, isAlone: boolean): Outcome {
  const alone = !stream ? row.plain : typeof row.stream === 'function' ? row.stream(dialect) : row.stream;
  return typeof alone === 'number' && !isAlone ? 'whole' : alone;
}

/** docs/faults.md */
export function faultsPage(): string {
  const columns = [false, true].flatMap((stream) => [true, false].map((isAlone) => ({ stream, isAlone })));
  const words = (row: FaultRow, stream: boolean, isAlone: boolean): string => {
    const outcomes = ROUTED_DIALECTS.map((dialect) => ({ dialect, outcome: outcomeOf(row, dialect, stream, isAlone) }));
    const [first] = outcomes;
    const others = outcomes.filter(({ outcome }) => outcome !== first?.outcome);
    const said = (outcome: Outcome | undefined): string => {
      const alone = outcomeOf(row, 'chat', stream, true);
      if (outcome === 'whole' && !isAlone && typeof alone === 'number') return 'second target';
      return outcome === 'cut' ? 'text, then an error' : String(outcome ?? '');
    };
    const rest = others.map(({ dialect, outcome }) => `; ${dialect}: ${said(outcome)}`).join('');
    return said(first?.outcome) + rest;
  };
  const lines = FAULT_ROWS.map((row) => {
    const name = `\`${row.fault}\`${row.note === undefined ? '' : `, ${row.note}`}`;
    return `| ${name} | ${columns.map(({ stream, isAlone }) => words(row, stream, isAlone)).join(' | ')} |`;
  });
  return `# Faults

What a client of a route gets when its first target goes wrong, in the dialects of chat completions, messages and responses:
an answer read for what it is (\`whole\`), an HTTP error, the answer of the second target, or, once content has been handed
on, that text and then the dialect's error event. Every cell is a test over real sockets (\`test/integration/failover-matrix.test.ts\`),
which also writes this page; the faults are those of \`nexus-ai/testing\`.

| fault | whole, alone | whole, second target healthy | streamed, alone | streamed, second target healthy |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`;
}
