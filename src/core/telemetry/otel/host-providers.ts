/** Providers of the application, as it has them from OpenTelemetry's SDK. */
export interface HostProviders {
  readonly tracerProvider?: { getTracer(name: string, version?: string): object } | undefined;
  readonly meterProvider?: { getMeter(name: string, version?: string): object } | undefined;
  readonly loggerProvider?: { getLogger(name: string, version?: string): object } | undefined;
}
