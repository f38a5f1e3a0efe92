import { defaultTextMapGetter, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { describe, expect, it } from 'vitest';
import { parseTraceparent, parseXray } from './inbound.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const ROOT = `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`;

describe('parseTraceparent, as the propagator of OpenTelemetry reads it', () => {
  it.each([
    `00-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-00`,
    `00-${TRACE}-${SPAN}-03`,
    ` 00-${TRACE}-${SPAN}-01 `,
    `01-${TRACE}-${SPAN}-01`,
    `cc-${TRACE}-${SPAN}-01-what-comes-later`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}g-${SPAN}-01`,
    '',
    'nonsense',
  ])('%s', (traceparent) => {
    const judge = new W3CTraceContextPropagator();
    const expected = trace.getSpanContext(judge.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter));
    const found = parseTraceparent(traceparent);
    expect(found?.traceId).toBe(expected?.traceId);
    expect(found?.spanId).toBe(expected?.spanId);
    expect(found?.traceFlags).toBe(expected === undefined ? undefined : expected.traceFlags & 1);
  });
});

describe("parseXray, as Amazon's propagator reads it", () => {
  it.each([
    `Root=${ROOT};Parent=${SPAN};Sampled=1`,
    `Root=${ROOT};Parent=${SPAN};Sampled=0`,
    `Sampled=1; Parent=${SPAN} ; Root=${ROOT};Lineage=a:b`,
    `Self=1-00000001-000000000000000000000001;Root=${ROOT};Parent=${SPAN};Sampled=1`,
    `Root=${ROOT};Parent=${SPAN}`,
    `Root=${ROOT};Parent=${SPAN};Sampled=?`,
    `Root=${ROOT};Sampled=1`,
    `Root=2${ROOT.slice(1)};Parent=${SPAN};Sampled=1`,
    `Root=${ROOT.slice(0, -1)};Parent=${SPAN};Sampled=1`,
    `Root=1-00000000-${'0'.repeat(24)};Parent=${SPAN};Sampled=1`,
    `Root=${ROOT};Parent=${'0'.repeat(16)};Sampled=1`,
    ';;;===',
    '',
  ])('%s', (header) => {
    const carrier = { 'x-amzn-trace-id': header };
    const expected = trace.getSpanContext(new AWSXRayPropagator().extract(ROOT_CONTEXT, carrier, defaultTextMapGetter));
    const found = parseXray(header);
    expect(found?.traceId).toBe(expected?.traceId);
    expect(found?.spanId).toBe(expected?.spanId);
    expect(found?.traceFlags).toBe(expected?.traceFlags);
  });

  it('reads no novel', () => {
    expect(parseXray(`${'x=y;'.repeat(1000)}Root=${ROOT};Parent=${SPAN};Sampled=1`)).toBeUndefined();
  });
});
