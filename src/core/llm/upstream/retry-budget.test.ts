import { describe, expect, it } from 'vitest';
import { RetryBudget, RetryBudgets } from './retry-budget.ts';

function spendAll(budget: RetryBudget): number {
  let spent = 0;
  while (budget.spend()) spent++;
  return spent;
}

describe('RetryBudget', () => {
  it('has ten to begin with, then a fifth of the requests, and never keeps more than twenty', () => {
    const budget = new RetryBudget();
    expect(spendAll(budget)).toBe(10);
    for (let i = 0; i < 50; i++) budget.earn();
    expect(spendAll(budget)).toBe(10);
    for (let i = 0; i < 10_000; i++) budget.earn();
    expect(spendAll(budget)).toBe(20);
  });

  it('keeps a total failure at 1.2 calls a request', () => {
    const budget = new RetryBudget();
    spendAll(budget);
    let calls = 0;
    for (let i = 0; i < 1000; i++) {
      budget.earn();
      calls += budget.spend() ? 2 : 1;
    }
    expect(calls).toBeLessThanOrEqual(1200);
    expect(calls).toBeGreaterThan(1190);
  });

  it('is one for each provider', () => {
    const budgets = new RetryBudgets();
    spendAll(budgets.of('a'));
    expect(budgets.of('a').spend()).toBe(false);
    expect(budgets.of('b').spend()).toBe(true);
  });
});
