/** Share of a retry that every request earns. */
const EARNED = 0.2;
/** What a provider that has hardly been called may spend. */
const LEAST = 10;
/** Earned by a hundred requests: more is not kept. */
const MOST = 20;

/**
 * Keeps retries from making a provider's bad hour worse: a fifth of the requests of late may be sent again, at least ten
 * after a quiet time. One for each provider.
 */
export class RetryBudget {
  #tokens = LEAST;

  /** A request has been sent for the first time. */
  earn(): void {
    if (this.#tokens < MOST) this.#tokens += EARNED;
  }

  /** Whether a retry may be sent; takes it from what is left. */
  spend(): boolean {
    // What fifths add up to is not exact.
    if (this.#tokens < 0.999) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** The budgets of all providers, by their configured names. */
export class RetryBudgets {
  readonly #budgets = new Map<string, RetryBudget>();

  of(provider: string): RetryBudget {
    let budget = this.#budgets.get(provider);
    if (budget === undefined) {
      budget = new RetryBudget();
      this.#budgets.set(provider, budget);
    }
    return budget;
  }
}
