/*
 * Pure orderings: options in, the same options out, the one to be tried first in front. What chance and the clock say comes
 * with the arguments. Options of weight 0 are drained: nobody gives them to an ordering.
 */

export interface Weighted {
  readonly weight: number;
}

/** A number in [0, 1). */
export type Random = () => number;

/** Draws by weight, without putting back. */
export function weightedOrder<T extends Weighted>(options: readonly T[], random: Random): T[] {
  const left = [...options];
  const order: T[] = [];
  let total = 0;
  for (const { weight } of left) total += weight;
  while (left.length > 1) {
    let point = random() * total;
    let index = 0;
    for (; index < left.length - 1; index++) {
      point -= left[index]?.weight ?? 0;
      if (point < 0) break;
    }
    const [drawn] = left.splice(index, 1);
    if (drawn === undefined) break;
    total -= drawn.weight;
    order.push(drawn);
  }
  return order.concat(left);
}

/** The same unit always comes to the same arm: its share of all numbers is the arm's share of the weights. */
export function abOrder<T extends Weighted>(options: readonly T[], experiment: string, unit: string): T[] {
  let total = 0;
  for (const { weight } of options) total += weight;
  let point = (hash(`${experiment}\n${unit}`) / 2 ** 32) * total;
  let index = 0;
  for (; index < options.length - 1; index++) {
    point -= options[index]?.weight ?? 0;
    if (point < 0) break;
  }
  const chosen = options[index];
  return chosen === undefined ? [] : [chosen, ...options.filter((option) => option !== chosen)];
}

/**
 * Puts the unit's own option first: the one for which unit and option together give the highest draw. When an option goes,
 * only its own units move.
 */
export function stickyFirst<T extends Weighted>(
  order: readonly T[],
  unit: string,
  nameOf: (option: T) => string,
): readonly T[] {
  let best: T | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  for (const option of order) {
    // Drawn from an exponential distribution of the weight: the lowest wins by weight.
    const draw = Math.log((hash(`${unit}\n${nameOf(option)}`) + 1) / (2 ** 32 + 1)) / option.weight;
    if (draw <= highest) continue;
    highest = draw;
    best = option;
  }
  return best === undefined || best === order[0] ? order : [best, ...order.filter((option) => option !== best)];
}

/** Two at random, the lower score first; then all others by their scores. */
export function betterOfTwo<T>(
  options: readonly T[],
  scoreOf: (option: T) => number,
  random: Random,
  explore = 0,
): T[] {
  const scores = new Map(options.map((option) => [option, scoreOf(option)] as const));
  const score = (option: T): number => scores.get(option) ?? 0;
  const order = [...options].sort((a, b) => score(a) - score(b));
  if (order.length < 2) return order;
  const one = Math.floor(random() * order.length);
  const step = 1 + Math.floor(random() * (order.length - 1));
  const a = Math.min(one, (one + step) % order.length);
  const b = Math.max(one, (one + step) % order.length);
  const first = order[a];
  const second = order[b];
  if (first === undefined || second === undefined) return order;
  // Equal scores must not mean that the one named first gets everything.
  const swap = score(first) === score(second) ? random() < 0.5 : explore > 0 && random() < explore;
  const chosen = swap ? second : first;
  return [chosen, ...order.filter((option) => option !== chosen)];
}

/** Ascending; what has no price comes last, and of equals the faster comes first. */
export function cheapestFirst<T>(
  options: readonly T[],
  costOf: (option: T) => number | undefined,
  timeOf: (option: T) => number,
): T[] {
  const known = options.map((option) => ({ option, cost: costOf(option) ?? Number.POSITIVE_INFINITY }));
  return known
    .sort((a, b) => (a.cost === b.cost ? timeOf(a.option) - timeOf(b.option) : a.cost - b.cost))
    .map(({ option }) => option);
}

/** FNV-1a over UTF-16 units, well mixed: the same number in every process. 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
