/** What a shared store keeps: the counters of limits, and which targets rest. */
export type StoreUse = 'limits' | 'rests';

/** How often a shared store gave no answer since the instance was made, by what it was asked about. */
export class StoreErrors implements Readonly<Record<StoreUse, number>> {
  limits = 0;
  rests = 0;
}
