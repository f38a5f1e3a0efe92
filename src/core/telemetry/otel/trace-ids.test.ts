import { describe, expect, it } from 'vitest';
import { TraceIds } from './trace-ids.ts';

describe('ids of traces and spans', () => {
  it('have the length the format asks for, and differ, over many pools of randomness', () => {
    const ids = new TraceIds();
    const traces = Array.from({ length: 2000 }, () => ids.generateTraceId());
    const spans = Array.from({ length: 2000 }, () => ids.generateSpanId());
    for (const id of traces) expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const id of spans) expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(traces).size).toBe(2000);
    expect(new Set(spans).size).toBe(2000);
  });

  it('give the one that was decided on once', () => {
    const ids = new TraceIds();
    const chosen = 'a'.repeat(32);
    ids.giveNext(chosen);
    expect(ids.generateSpanId()).not.toBe(chosen.slice(16));
    expect(ids.generateTraceId()).toBe(chosen);
    expect(ids.generateTraceId()).not.toBe(chosen);
  });
});
