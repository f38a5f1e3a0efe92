// Which target of a smart route fits a request best. Pure: labels and a judgement in, an order out.
import type { Task, Tier } from '../../../config/route-words.ts';
import type { Difficulty, Judgement } from './judge-text.ts';

/** What a target says of itself; absent: it is meant for all. */
export interface Labelled {
  readonly tier?: Tier | undefined;
  readonly tasks?: readonly Task[] | undefined;
}

const SIZE: Readonly<Record<Tier, number>> = { small: 0, medium: 1, large: 2 };
/** The size that is large enough. */
const WANTED: Readonly<Record<Difficulty, number>> = { low: 0, medium: 1, high: 2 };
/** Better a target that costs more than one that cannot do it. */
const TOO_SMALL = 10;
const NOT_ITS_TASK = 100;

/**
 * The best first: those that are meant for the task before those that are not; of these the smallest that is large
 * enough, then larger ones, then smaller ones; of equals those that name the task; then as they are listed.
 */
export function byFit<T extends Labelled>(options: readonly T[], { task, difficulty }: Judgement): readonly T[] {
  const misfit = ({ tier, tasks }: T): number => {
    const steps = tier === undefined ? 0 : SIZE[tier] - WANTED[difficulty];
    const general = tasks === undefined ? 0.5 : 0;
    const outside = tasks === undefined || tasks.includes(task) ? 0 : NOT_ITS_TASK;
    return (steps < 0 ? -steps * TOO_SMALL : steps) + general + outside;
  };
  return options.toSorted((a, b) => misfit(a) - misfit(b));
}

/** The largest tier first, then as they are listed; a target without a tier comes last. */
export function byTier<T extends Labelled>(options: readonly T[]): readonly T[] {
  const size = ({ tier }: T): number => (tier === undefined ? -1 : SIZE[tier]);
  return options.toSorted((a, b) => size(b) - size(a));
}
