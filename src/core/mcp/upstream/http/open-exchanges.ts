/** Something that is under way and can be ended; `slot` is where the register keeps it. */
export interface Abortable {
  slot: number;
  abort(): void;
}

/** What a connection has under way, so that its end is theirs too. Entering and leaving costs no search. */
export class OpenExchanges {
  readonly #open: Abortable[] = [];

  add(exchange: Abortable): void {
    exchange.slot = this.#open.length;
    this.#open.push(exchange);
  }

  remove(exchange: Abortable): void {
    if (this.#open[exchange.slot] !== exchange) return;
    const last = this.#open.pop();
    if (last === undefined || last === exchange) return;
    this.#open[exchange.slot] = last;
    last.slot = exchange.slot;
  }

  abortAll(): void {
    for (const exchange of this.#open.splice(0)) exchange.abort();
  }
}
