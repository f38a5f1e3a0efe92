import { SLOTS } from './counter-store.ts';

/**
 * The admissions of one counter that still count: `first, last, amount` of each slot, oldest first. `first` and `last`
 * are the times of its first and last admission. Flat, because there may be a hundred thousand of them.
 */
export type SlotWindow = number[];

/** Forgets slots whose last admission is one interval old, and sums up what is left. */
export function usedAt(window: SlotWindow, now: number, interval: number): number {
  let gone = 0;
  while (gone < window.length && (window[gone + 1] ?? 0) + interval <= now) gone += 3;
  if (gone > 0) window.splice(0, gone);
  let used = 0;
  for (let i = 2; i < window.length; i += 3) used += window[i] ?? 0;
  return used;
}

/** Books an amount at `now`; returns the slot it went to. */
export function book(window: SlotWindow, now: number, interval: number, amount: number): number {
  const newest = window.length - 3;
  const first = window[newest];
  if (first === undefined || now - first >= interval / SLOTS) {
    window.push(now, now, amount);
    return now;
  }
  window[newest + 1] = now;
  window[newest + 2] = (window[newest + 2] ?? 0) + amount;
  return first;
}

/** How long until `amount` fits below `limit`; one interval where it never does. */
export function waitFor(window: SlotWindow, now: number, interval: number, limit: number, amount: number): number {
  let used = 0;
  for (let i = 2; i < window.length; i += 3) used += window[i] ?? 0;
  for (let i = 0; i < window.length; i += 3) {
    used -= window[i + 2] ?? 0;
    if (used + amount <= limit) return (window[i + 1] ?? 0) + interval - now;
  }
  return interval;
}

/** How long until nothing counts any more. */
export function resetIn(window: SlotWindow, now: number, interval: number): number {
  const last = window[window.length - 2];
  return last === undefined ? 0 : last + interval - now;
}

/** Changes what a slot holds, never below zero; a slot that is gone stays gone. */
export function correctSlot(window: SlotWindow, slot: number, delta: number): void {
  for (let i = 0; i < window.length; i += 3) {
    if (window[i] === slot) window[i + 2] = Math.max(0, (window[i + 2] ?? 0) + delta);
  }
}
