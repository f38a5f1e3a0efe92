// The `telemetry` table: metrics to scrape, the request log, the state of the process.
import * as z from 'zod';
import { openTelemetryShape, signalExporters } from './otlp.ts';
import { endpointPath, secret } from './values.ts';

/** Who may read an endpoint that tells of the process and not of a caller. */
const readers = () => ({
  token: secret()
    .optional()
    .describe('Bearer token the endpoint asks for. Default: OAuth where `server.oauth` is set, else see `public`'),
  public: z
    .boolean()
    .default(false)
    .describe('Whether everybody may read it where nothing else protects it. Default: only this machine may'),
});

export const telemetrySchema = () =>
  z
    .strictObject({
      ...openTelemetryShape(),
      prometheus: z
        .strictObject({
          enabled: z.boolean().default(false).describe('Whether metrics are counted and served'),
          path: endpointPath().prefault('/metrics').describe('Path Prometheus scrapes'),
          ...readers(),
        })
        .prefault({})
        .describe('Metrics in the text format of Prometheus'),
      status: z
        .strictObject({
          enabled: z.boolean().default(false).describe('Whether the state of the process is served'),
          path: endpointPath().prefault('/status').describe('Path of the status endpoint'),
          ...readers(),
        })
        .prefault({})
        .describe('What `nexus.status()` says, as JSON'),
      logs: z
        .strictObject({
          requests: z.boolean().default(false).describe('Whether every request is logged, in one line'),
          level: z
            .enum(['error', 'warn', 'info', 'debug'])
            .default('info')
            .describe('Least serious lines that are written; unused where the application brings its own logger'),
          format: z
            .enum(['text', 'json'])
            .default('text')
            .describe('How lines are written; unused where the application brings its own logger'),
          exporters: signalExporters('logs'),
        })
        .prefault({})
        .describe('What is logged, and how'),
    })
    .describe('What is told of requests and of the process. Nothing of it, where the table is absent');
