import { expect, it } from 'vitest';
import { columns } from './columns.ts';

it('puts texts below each other, and no blanks at the ends of lines', () => {
  expect(
    columns([
      ['a', 'long one', 'x'],
      ['longer', 'b', ''],
    ]),
  ).toEqual(['  a       long one  x', '  longer  b']);
});

it('takes rows of different lengths', () => {
  expect(columns([['a', 'b'], ['cc']], '')).toEqual(['a   b', 'cc']);
  expect(columns([])).toEqual([]);
});
