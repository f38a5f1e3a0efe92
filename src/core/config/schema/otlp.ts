// The OpenTelemetry part of the `telemetry` table: where traces, metrics and logs are exported, and what is traced.
import * as z from 'zod';
import { Secret } from '../secret.ts';
import { baseUrl, hidden, rare, refuse, timeout } from './values.ts';

const EMPTY = 'must not be empty';
const HEADER_RULE = 'must be a header name: letters, digits and "-", no blanks';

/** A header's name → lower case. */
const headerName = () =>
  z.string().transform((value, context): string => {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/.test(value)) return refuse(context, HEADER_RULE);
    return value.toLowerCase();
  });

/** What gRPC takes as the name of metadata; those of its own begin with `grpc-`. */
const metadataName = () =>
  z.string().transform((value, context): string => {
    const name = value.toLowerCase();
    if (!/^[0-9a-z_.-]{1,128}$/.test(name)) return refuse(context, HEADER_RULE);
    return name.startsWith('grpc-')
      ? refuse(context, 'is reserved: names that begin with "grpc-" are gRPC\'s own')
      : name;
  });

/** It may well be a credential. */
const headerValue = () =>
  hidden(
    z.string().transform((value, context): Secret => {
      if (!/^[\t\x20-\x7e]*$/.test(value)) return refuse(context, 'must be text a header can carry');
      return new Secret(value.trim());
    }),
  );

/** `{ name = "value" }` or `[{ name = …, value = … }]` → pairs. */
function headers(name: () => ReturnType<typeof headerName>) {
  return z
    .union([
      z.record(z.string(), headerValue()),
      z.array(
        z.strictObject({
          name: name().describe('Name of the header'),
          value: hidden(headerValue().describe('Its value. Shown nowhere')),
        }),
      ),
    ])
    .transform((given, context): readonly (readonly [string, Secret])[] => {
      if (Array.isArray(given)) return given.map((header) => [header.name, header.value] as const);
      return Object.entries(given).map(([key, value]) => {
        const judged = name().safeParse(key);
        if (judged.success) return [judged.data, value] as const;
        context.addIssue({ code: 'custom', path: [key], message: judged.error.issues[0]?.message ?? HEADER_RULE });
        return ['', value] as const;
      });
    })
    .prefault({});
}

const count = (standard: number, what: string) => z.int().min(1, 'must be at least 1').default(standard).describe(what);

const file = (what: string) => z.string().min(1, EMPTY).optional().describe(what);

const otlpSchema = () =>
  z
    .strictObject({
      enabled: z.boolean().default(false).describe('Whether anything is exported'),
      endpoint: baseUrl()
        .optional()
        .describe(
          'The collector, as a URL. Over HTTP `/v1/traces` and the like are added. Default: `http://localhost:4317`, over HTTP `http://localhost:4318`',
        ),
      protocol: z.enum(['grpc', 'http']).default('grpc').describe('OTLP over gRPC, or over HTTP as protobuf'),
      timeout: timeout().prefault('60s').describe('Longest wait for the collector'),
      batchExport: z
        .strictObject({
          scheduledDelay: timeout().prefault('5s').describe('Time between two exports; of metrics too'),
          maxQueueSize: count(2048, 'Most spans, and most log lines, that wait; further ones are dropped'),
          maxExportBatchSize: count(512, 'Most of them in one export'),
          maxConcurrentExports: count(1, 'Most exports at the same time'),
        })
        .prefault({})
        .describe('How it is gathered before it is sent'),
      grpc: z
        .strictObject({
          headers: headers(metadataName).describe('Metadata of every call: a table, or a list of `name` and `value`'),
          tls: z
            .strictObject({
              domainName: z
                .string()
                .min(1, EMPTY)
                .optional()
                .describe("Name the collector's certificate is checked for"),
              key: file('PEM file of our private key; with `cert`'),
              cert: file('PEM file of our certificate; with `key`'),
              ca: file('PEM file of the authority that is trusted'),
            })
            .optional()
            .describe('How the connection is secured; an https:// endpoint needs none of it'),
        })
        .optional()
        .describe('Only with `protocol = "grpc"`'),
      http: z
        .strictObject({
          headers: headers(headerName).describe('Headers of every request: a table, or a list of `name` and `value`'),
        })
        .optional()
        .describe('Only with `protocol = "http"`'),
    })
    .superRefine(({ grpc, http, protocol }, context) => {
      const say = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
      if (grpc !== undefined && http !== undefined)
        say([], 'has both a grpc and an http table; keep that of its protocol');
      else if (grpc !== undefined && protocol === 'http')
        say(['grpc'], 'has no effect with protocol "http"; remove it');
      else if (http !== undefined && protocol === 'grpc')
        say(['http'], 'has no effect with protocol "grpc"; remove it');
      const { key, cert } = grpc?.tls ?? {};
      if ((key === undefined) !== (cert === undefined)) say(['grpc', 'tls'], 'needs key and cert together, or neither');
    });

const exportersSchema = () =>
  z.strictObject({
    otlp: otlpSchema().prefault({}).describe('Export over OTLP, the protocol of OpenTelemetry collectors'),
  });

/** For the tables of single signals: exporters that stand in the place of the general ones. */
export const signalExporters = (signal: string) =>
  rare(exportersSchema).describe(`Exporters of ${signal}, in the place of \`telemetry.exporters\``);

const most = (what: string) => count(128, `Most ${what}; further ones are dropped`);

/** What the `telemetry` table has for OpenTelemetry, besides `logs.exporters`. */
export const openTelemetryShape = () => ({
  serviceName: z.string().min(1, EMPTY).optional().describe('Name of this service. Default: `nexus`'),
  resourceAttributes: z
    .record(z.string().min(1, EMPTY), z.string())
    .default({})
    .describe('What else is said of this service in everything that is exported'),
  exporters: exportersSchema().prefault({}).describe('Where traces, metrics and logs go'),
  tracing: z
    .strictObject({
      sampling: z
        .number()
        .min(0, 'must be from 0.0 (none) to 1.0 (all)')
        .max(1, 'must be from 0.0 (none) to 1.0 (all)')
        .default(0.15)
        .describe('Share of requests that are traced, chosen by the id of their trace'),
      parentBasedSampler: z
        .boolean()
        .default(false)
        .describe('Whether callers that take part in a trace decide; the share is then for all others'),
      collect: z
        .strictObject({
          maxEventsPerSpan: most('events of a span'),
          maxAttributesPerSpan: most('attributes of a span'),
          maxLinksPerSpan: most('links of a span'),
          maxAttributesPerEvent: most('attributes of an event'),
          maxAttributesPerLink: most('attributes of a link'),
        })
        .prefault({})
        .describe('How large a span may grow'),
      propagation: z
        .strictObject({
          traceContext: z
            .boolean()
            .default(false)
            .describe('Whether providers and MCP servers are told the trace, in `traceparent`'),
          awsXray: z.boolean().default(true).describe("Whether a caller's `X-Amzn-Trace-Id` is read"),
        })
        .prefault({})
        .describe("Traces that go through several services. A caller's `traceparent` is always read"),
      exporters: signalExporters('traces'),
    })
    .prefault({})
    .describe('Traces'),
  metrics: z
    .strictObject({
      clientIds: z.boolean().default(true).describe('Whether metrics tell clients apart, by `client.id`'),
      exporters: signalExporters('metrics'),
    })
    .prefault({})
    .describe('Metrics that are exported'),
});
