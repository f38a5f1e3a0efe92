import { describe, expect, it } from 'vitest';
import { judgeConfig } from '../parse.ts';

const LLM = { providers: { openai: { type: 'openai', api_key: 'k' } } };

/** Each problem as `path: message`. */
function problems(telemetry: unknown): string[] {
  const { issues } = judgeConfig({ llm: LLM, telemetry }, 'toml');
  return issues.map(({ path, message }) => `${path}: ${message}`);
}

function parsed(telemetry: unknown) {
  const { config, issues } = judgeConfig({ llm: LLM, telemetry }, 'toml');
  if (config === undefined) throw new Error(JSON.stringify(issues));
  return config.openTelemetry;
}

const otlp = (more: object) => ({ exporters: { otlp: { enabled: true, ...more } } });

describe('telemetry.exporters.otlp', () => {
  it('has the defaults of the specification', () => {
    const { traces, metrics, logs, ...others } = parsed(otlp({}));
    expect(traces).toEqual({
      protocol: 'grpc',
      endpoint: 'http://localhost:4317',
      timeout: 60_000,
      scheduledDelay: 5000,
      maxQueueSize: 2048,
      maxExportBatchSize: 512,
      maxConcurrentExports: 1,
      headers: [],
      tls: undefined,
    });
    expect(metrics).toEqual(traces);
    expect(logs).toEqual(traces);
    expect(others).toMatchObject({
      serviceName: 'nexus',
      resourceAttributes: {},
      sampling: 0.15,
      parentBased: false,
      tellsUpstreams: false,
      readsXray: true,
    });
    expect(new Set(Object.values(others.limits))).toEqual(new Set([128]));
  });

  it('exports nothing without the table, and nothing that is not enabled', () => {
    for (const telemetry of [undefined, {}, { exporters: {} }, { exporters: { otlp: { endpoint: 'http://c:1' } } }]) {
      expect(parsed(telemetry)).toMatchObject({ traces: undefined, metrics: undefined, logs: undefined });
    }
  });

  it('takes headers as a table and as a list, and shows their values nowhere', () => {
    const list = [{ name: 'Authorization', value: 'Bearer s3cret' }];
    for (const headers of [list, { Authorization: 'Bearer s3cret' }]) {
      for (const more of [{ grpc: { headers } }, { protocol: 'http', http: { headers } }]) {
        const { traces } = parsed(otlp(more));
        expect(traces?.headers.map(([name, value]) => [name, value.reveal()])).toEqual([
          ['authorization', 'Bearer s3cret'],
        ]);
        expect(JSON.stringify(traces)).not.toContain('s3cret');
      }
    }
  });

  it('exports no more at once than may wait', () => {
    expect(parsed(otlp({ batch_export: { max_queue_size: 10 } })).traces?.maxExportBatchSize).toBe(10);
  });

  it('has a port of its own for HTTP', () => {
    expect(parsed(otlp({ protocol: 'http' })).traces?.endpoint).toBe('http://localhost:4318');
  });

  it("lets a signal's own exporters stand in the place of the general ones", () => {
    const own = { exporters: { otlp: { enabled: true, endpoint: 'http://own:1' } } };
    const off = { exporters: { otlp: { enabled: false } } };
    const { traces, metrics, logs } = parsed({ ...otlp({}), tracing: own, metrics: off });
    expect(traces?.endpoint).toBe('http://own:1');
    expect(metrics).toBeUndefined();
    expect(logs?.endpoint).toBe('http://localhost:4317');
    expect(parsed({ logs: own })).toMatchObject({ traces: undefined, logs: { endpoint: 'http://own:1' } });
  });

  it.each([
    [otlp({ protocol: 'udp' }), 'telemetry.exporters.otlp.protocol: must be one of "grpc", "http"'],
    [otlp({ endpoint: 'collector:4317' }), 'telemetry.exporters.otlp.endpoint: must be an absolute URL'],
    [otlp({ timeout: '0s' }), 'telemetry.exporters.otlp.timeout: must be longer than zero'],
    [otlp({ protocol: 'http', grpc: {} }), 'telemetry.exporters.otlp.grpc: has no effect with protocol "http"'],
    [otlp({ http: {} }), 'telemetry.exporters.otlp.http: has no effect with protocol "grpc"'],
    [otlp({ http: {}, grpc: {} }), 'telemetry.exporters.otlp: has both a grpc and an http table'],
    [
      otlp({ grpc: { headers: { 'grpc-timeout': '1' } } }),
      'telemetry.exporters.otlp.grpc.headers.grpc-timeout: is reserved',
    ],
    [otlp({ grpc: { headers: [{ name: 'Grpc-X', value: '1' }] } }), 'headers[0].name: is reserved'],
    [otlp({ grpc: { headers: { 'a b': '1' } } }), 'must be a header name'],
    [otlp({ grpc: { headers: { a: 'x\ny' } } }), 'must be text a header can carry'],
    [otlp({ protocol: 'http', http: { tls: {} } }), 'tls'],
    [otlp({ grpc: { tls: { key: 'a.pem' } } }), 'needs key and cert together'],
    [otlp({ batch_export: { max_queue_size: 0 } }), 'batch_export.max_queue_size: must be at least 1'],
    [otlp({ batchexport: {} }), 'batchexport'],
    [{ tracing: { sampling: 1.5 } }, 'telemetry.tracing.sampling: must be from 0.0 (none) to 1.0 (all)'],
    [{ tracing: { sampling: -0.1 } }, 'telemetry.tracing.sampling: must be from 0.0 (none) to 1.0 (all)'],
    [{ tracing: { collect: { max_events_per_span: 'many' } } }, 'telemetry.tracing.collect.max_events_per_span'],
    [{ tracing: { propagation: { b3: true } } }, 'telemetry.tracing.propagation.b3'],
    [{ metrics: otlp({ protocol: 'http', grpc: {} }) }, 'telemetry.metrics.exporters.otlp.grpc: has no effect'],
    [{ service_name: '' }, 'telemetry.service_name: must not be empty'],
    [{ resource_attributes: { a: 1 } }, 'telemetry.resource_attributes.a'],
  ])('refuses %j', (telemetry, problem) => {
    expect(problems(telemetry)).toEqual([expect.stringContaining(problem)]);
  });

  it('names the sampling it refuses', () => {
    const { issues } = judgeConfig({ llm: LLM, telemetry: { tracing: { sampling: 1.5 } } }, 'toml');
    expect(issues[0]?.found).toBe('1.5');
  });
});
