import type { Buffer } from 'node:buffer';
import type { Measured } from '../../exchange/evidence.ts';
import type { Usage } from '../../exchange/usage.ts';
import { textOf } from '../../http/text.ts';
import { estimateBody } from '../metering/body-tokens.ts';
import type { Delivery, Received, StreamDelivery } from './delivery.ts';

/**
 * How a call ended, as far as its bill goes: `whole` with an answer; `cancelled` by us or by the client that left, the
 * request having been sent; `expired` when the provider did not answer in time; `failed` in all other ways.
 */
export type Ending = 'whole' | 'cancelled' | 'expired' | 'failed';

export interface BilledCall {
  readonly ending: Ending;
  readonly delivery: Delivery;
  /** What the provider has reported. */
  readonly usage: Usage | undefined;
  /** The answer, if it is a stream. */
  readonly stream: StreamDelivery | undefined;
  /** The answer, if it is whole and does not say what it cost. */
  readonly whole: Buffer | undefined;
  /** The request as it was sent. */
  readonly request: Buffer | string | null;
}

/**
 * What a provider charges for a call, as well as can be known. Counts that it reported of a whole answer hold. Of an answer
 * that was cut, they are only what it had counted so far: what was received is counted too, and the larger holds. A request
 * that was refused, or failed before there was any content, costs nothing; one that was sent and not answered in time costs
 * what was read.
 *
 * `undefined`: as reported.
 */
export function measure(call: BilledCall): Measured | undefined {
  const { ending, delivery, usage, stream } = call;
  if (delivery.isFree === true) return NOTHING;
  if (ending === 'whole') {
    if (usage !== undefined) return undefined;
    const written = stream === undefined ? writtenIn(call) : stream.received().written;
    return { usage: estimated(call, undefined, written), source: 'estimated' };
  }
  if (stream?.content === true) return cut(call, stream.received());
  if (ending === 'failed') return NOTHING;
  // A stream that had only announced itself, or nothing at all.
  const source = ending === 'expired' ? 'estimated' : 'estimated_partial';
  return { usage: estimated(call, usage, 0), source };
}

const NOTHING: Measured = { usage: undefined, source: 'none' };

function cut(call: BilledCall, { written, usage, isFinal }: Received): Measured {
  if (isFinal) return { usage, source: 'reported' };
  return { usage: estimated(call, usage, written), source: 'estimated_partial' };
}

function estimated({ request }: BilledCall, reported: Usage | undefined, written: number): Usage {
  const output = Math.max(reported?.output ?? 0, written);
  if (reported !== undefined && reported.input > 0) return { ...reported, output };
  const input = request === null ? 0 : estimateBody(typeof request === 'string' ? request : textOf(request));
  return { input, output, cacheRead: 0, cacheWrite: 0, reasoning: Math.min(reported?.reasoning ?? 0, output) };
}

function writtenIn({ delivery, whole }: BilledCall): number {
  return whole === undefined ? 0 : (delivery.written?.(whole) ?? 0);
}
