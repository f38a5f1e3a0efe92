// A collector for tests: takes OTLP over HTTP and gRPC on real sockets and reads it with the protocol's own messages.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

type Value = string | number | boolean | undefined;
export type Attributes = Readonly<Record<string, Value>>;

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty at the root. */
  readonly parentId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  readonly attributes: Attributes;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  /** 2: it failed. */
  readonly status: number;
}

export interface SeenPoint {
  readonly metric: string;
  readonly unit: string;
  readonly attributes: Attributes;
  /** Of a histogram, how many were observed; of anything else its value. */
  readonly value: number;
  readonly sum: number | undefined;
}

export interface SeenLog {
  readonly body: Value;
  readonly severity: number;
  readonly attributes: Attributes;
  readonly traceId: string;
  readonly spanId: string;
}

export class Seen {
  readonly spans: SeenSpan[] = [];
  readonly logs: SeenLog[] = [];
  readonly resources: Attributes[] = [];
  /** Headers or metadata of what came. */
  readonly headers: Readonly<Record<string, unknown>>[] = [];
  /** Everything as it came, for those who look for what must not be in it. */
  readonly raw: Buffer[] = [];
  readonly #points = new Map<string, SeenPoint>();

  /** Metrics are told again and again as they grow; the last word counts. */
  get points(): readonly SeenPoint[] {
    return [...this.#points.values()];
  }

  point(metric: string, attributes: Attributes = {}): SeenPoint | undefined {
    return this.points.find((one) => one.metric === metric && includes(one.attributes, attributes));
  }

  /** Over all points that have these attributes. */
  total(metric: string, attributes: Attributes = {}): number {
    const all = this.points.filter((one) => one.metric === metric && includes(one.attributes, attributes));
    return all.reduce((sum, { value }) => sum + value, 0);
  }

  take(signal: string, body: Buffer, headers: Readonly<Record<string, unknown>>): void {
    this.raw.push(body);
    this.headers.push(headers);
    const name = `Export${signal}ServiceRequest`;
    const message = TYPES.lookupType(name).toObject(TYPES.lookupType(name).decode(body), OPTIONS) as Message;
    for (const part of [
      ...list(message, 'resourceSpans'),
      ...list(message, 'resourceMetrics'),
      ...list(message, 'resourceLogs'),
    ]) {
      this.resources.push(attributesOf(part['resource'] as Message));
      for (const scope of [...list(part, 'scopeSpans'), ...list(part, 'scopeMetrics'), ...list(part, 'scopeLogs')]) {
        for (const span of list(scope, 'spans')) this.spans.push(readSpan(span));
        for (const metric of list(scope, 'metrics')) this.#takeMetric(metric);
        for (const line of list(scope, 'logRecords')) this.logs.push(readLog(line));
      }
    }
  }

  #takeMetric(metric: Message): void {
    const data = (metric['histogram'] ?? metric['sum'] ?? metric['gauge']) as Message;
    for (const point of list(data, 'dataPoints')) {
      const seen: SeenPoint = {
        metric: String(metric['name']),
        unit: String(metric['unit']),
        attributes: attributesOf(point),
        value: Number(point['count'] ?? point['asInt'] ?? point['asDouble']),
        sum: point['sum'] === undefined ? undefined : Number(point['sum']),
      };
      this.#points.set(JSON.stringify([seen.metric, seen.attributes]), seen);
    }
  }
}

export interface Collector {
  readonly seen: Seen;
  readonly url: string;
  close(): Promise<void>;
}

export async function startHttpCollector(): Promise<Collector> {
  const seen = new Seen();
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signal = SIGNALS.get(request.url ?? '');
      const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
      if (signal === undefined || !isProtobuf) response.writeHead(404).end();
      else {
        seen.take(signal, Buffer.concat(chunks), request.headers satisfies IncomingHttpHeaders);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `secure`: PEM texts of a certificate and its key. */
export async function startGrpcCollector(secure?: { cert: string; key: string }): Promise<Collector> {
  const seen = new Seen();
  const server = new GrpcServer();
  for (const signal of ['Trace', 'Metrics', 'Logs']) {
    const path = `/opentelemetry.proto.collector.${signal.toLowerCase()}.v1.${signal}Service/Export`;
    const pass = (bytes: Buffer): Buffer => bytes;
    const service = {
      Export: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: pass,
        requestDeserialize: pass,
        responseSerialize: pass,
        responseDeserialize: pass,
      },
    };
    server.addService(service, {
      Export: (
        call: { request: Buffer; metadata: { getMap(): Record<string, unknown> } },
        done: (error: null, answer: Buffer) => void,
      ) => {
        seen.take(signal, call.request, call.metadata.getMap());
        done(null, Buffer.alloc(0));
      },
    });
  }
  const credentials =
    secure === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [
          { cert_chain: Buffer.from(secure.cert), private_key: Buffer.from(secure.key) },
        ]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return {
    seen,
    url: `${secure === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    close: async () => server.forceShutdown(),
  };
}

type Message = Readonly<Record<string, unknown>>;

const TYPES = protobuf
  .loadSync(fileURLToPath(new URL('../fixtures/otlp/otlp.proto', import.meta.url)))
  .lookup('otlp') as protobuf.Namespace;
const OPTIONS = { longs: String, bytes: String, arrays: true };
const SIGNALS: ReadonlyMap<string, string> = new Map([
  ['/v1/traces', 'Trace'],
  ['/v1/metrics', 'Metrics'],
  ['/v1/logs', 'Logs'],
]);

function list(message: Message | undefined, member: string): readonly Message[] {
  const value = message?.[member];
  return Array.isArray(value) ? value : [];
}

function attributesOf(message: Message | undefined): Attributes {
  const found: Record<string, Value> = Object.create(null);
  for (const { key, value } of list(message, 'attributes')) found[String(key)] = readValue(value as Message);
  return { ...found };
}

function readValue(value: Message | undefined): Value {
  const { stringValue, boolValue, intValue, doubleValue } = value ?? {};
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  const number = intValue ?? doubleValue;
  return number === undefined ? undefined : Number(number);
}

function readSpan(span: Message): SeenSpan {
  const { code = 0 } = (span['status'] ?? {}) as { code?: number };
  return {
    traceId: hex(span['traceId']),
    spanId: hex(span['spanId']),
    parentId: hex(span['parentSpanId']),
    name: String(span['name']),
    kind: Number(span['kind']),
    attributes: attributesOf(span),
    start: Number(span['startTimeUnixNano']) / 1e6,
    end: Number(span['endTimeUnixNano']) / 1e6,
    status: code,
  };
}

function readLog(line: Message): SeenLog {
  return {
    body: readValue(line['body'] as Message),
    severity: Number(line['severityNumber']),
    attributes: attributesOf(line),
    traceId: hex(line['traceId']),
    spanId: hex(line['spanId']),
  };
}

function hex(base64: unknown): string {
  return Buffer.from(String(base64 ?? ''), 'base64').toString('hex');
}

function includes(all: Attributes, some: Attributes): boolean {
  return Object.entries(some).every(([name, value]) => all[name] === value);
}
