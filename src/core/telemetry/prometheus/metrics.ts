// The door of this folder: everything that is counted, and its text.
import type { RequestRecord } from '../../exchange/record.ts';
import type { Readings } from '../readings.ts';
import { CONTENT_TYPES, Exposition, formatFor } from './exposition.ts';
import { writeReadings } from './gauges.ts';
import { McpMetrics } from './mcp-metrics.ts';
import { type KnownModel, RequestMetrics } from './request-metrics.ts';

export class Metrics {
  readonly #requests = new RequestMetrics();
  readonly #mcp = new McpMetrics();

  /** Counts a record after it was settled. `knows` tells which models are names of their own. */
  observe(record: Readonly<RequestRecord>, knows: KnownModel): void {
    this.#requests.observe(record, knows);
    for (const operation of record.operations) this.#mcp.observe(operation);
  }

  /** Everything there is, in the format a scraper asks for with its `Accept`. */
  write(accept: string | undefined, readings: Readings): { readonly text: string; readonly contentType: string } {
    const format = formatFor(accept);
    const exposition = new Exposition(format);
    this.#requests.write(exposition);
    this.#mcp.write(exposition);
    writeReadings(exposition, readings);
    return { text: exposition.text(), contentType: CONTENT_TYPES[format] };
  }
}
