import { describe, expect, it } from 'vitest';
import { byFit, byTier, type Labelled } from './fit.ts';

const named = (name: string, labels: Labelled = {}) => ({ name, ...labels });
const names = (options: readonly { readonly name: string }[]): string => options.map(({ name }) => name).join(' ');

const small = named('small', { tier: 'small' });
const medium = named('medium', { tier: 'medium' });
const large = named('large', { tier: 'large' });
const coder = named('coder', { tier: 'medium', tasks: ['code'] });
const any = named('any');

describe('byFit', () => {
  it('takes the smallest that is large enough, then larger ones, then the largest of the too small', () => {
    const all = [large, small, medium];
    expect(names(byFit(all, { task: 'chat', difficulty: 'low' }))).toBe('small medium large');
    expect(names(byFit(all, { task: 'chat', difficulty: 'medium' }))).toBe('medium large small');
    expect(names(byFit(all, { task: 'chat', difficulty: 'high' }))).toBe('large medium small');
  });

  it('prefers a target that names the task, and comes to one that names others last', () => {
    expect(names(byFit([medium, coder], { task: 'code', difficulty: 'medium' }))).toBe('coder medium');
    expect(names(byFit([coder, small], { task: 'writing', difficulty: 'high' }))).toBe('small coder');
  });

  it('does not ask a specialist that is too small before a target that is not', () => {
    expect(names(byFit([coder, large], { task: 'code', difficulty: 'high' }))).toBe('large coder');
  });

  it('takes a target without labels for all requests, and keeps the order of equals', () => {
    const other = named('other');
    expect(names(byFit([any, other], { task: 'maths', difficulty: 'high' }))).toBe('any other');
    expect(names(byFit([small, any], { task: 'maths', difficulty: 'high' }))).toBe('any small');
  });
});

describe('byTier', () => {
  it('puts the largest first and those without a tier last', () => {
    expect(names(byTier([any, small, large, medium]))).toBe('large medium small any');
  });
});
