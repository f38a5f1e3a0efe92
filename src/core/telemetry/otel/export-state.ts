// What became of exports: a collector that is away is told once, and again when it is back.
import type { Logger } from '../../runtime/logger.ts';
import type { Signal } from './packages.ts';

/** The part that exporters of all signals have in common; `code` 0 is success. */
interface Exporter<Items> {
  export(items: Items, done: (result: { readonly code: number; readonly error?: Error }) => void): void;
}

export interface ExportState {
  readonly signal: Signal;
  /** Absent: nothing has been exported yet. */
  readonly state: 'ok' | 'failing' | undefined;
  readonly failures: number;
}

export class ExportWatch implements ExportState {
  state: 'ok' | 'failing' | undefined;
  failures = 0;
  readonly signal: Signal;
  readonly #logger: Logger;

  constructor(signal: Signal, logger: Logger) {
    this.signal = signal;
    this.#logger = logger;
  }

  /** Hears of everything this exporter does. */
  on<Items>(exporter: Exporter<Items>): void {
    const send = exporter.export.bind(exporter);
    exporter.export = (items, done) =>
      send(items, (result) => {
        this.#note(result);
        done(result);
      });
  }

  #note({ code, error }: { readonly code: number; readonly error?: Error }): void {
    if (code !== 0) this.failures++;
    const state = code === 0 ? 'ok' : 'failing';
    if (state === this.state) return;
    const isBack = this.state === 'failing';
    this.state = state;
    const fields = { signal: this.signal, reason: error?.message };
    if (state === 'failing')
      this.#logger.warn('The collector takes no telemetry; what is exported now is lost', fields);
    else if (isBack) this.#logger.warn('The collector takes telemetry again', { signal: this.signal });
  }
}
