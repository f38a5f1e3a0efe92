// Cutting an answer's bytes into separate writes, because a reader must not care where the network cuts them.

/**
 * - `whole`: one write.
 * - `event`: one write for each event of a text stream, blank line included.
 * - `byte`: one write for each byte.
 * - `{ seed }`: pieces of 1 to 32 bytes, the same for the same seed.
 */
export type Cut = 'whole' | 'event' | 'byte' | { readonly seed: number };

/** Whole numbers from 0 to 2^32 - 1; a linear congruential generator, good enough to choose places to cut. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed >>> 0;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

function* seededEnds(length: number, seed: number): Generator<number> {
  let end = 0;
  for (const number of numbers(seed)) {
    end += 1 + (number >>> 27);
    if (end >= length) return;
    yield end;
  }
}

function* eventEnds(bytes: Uint8Array): Generator<number> {
  // latin1 keeps one character a byte, so places in the text are places in the bytes.
  for (const blank of Buffer.from(bytes)
    .toString('latin1')
    .matchAll(/\r\n\r\n|\n\n|\r\r/g)) {
    yield blank.index + blank[0].length;
  }
}

export function cutBytes(bytes: Uint8Array, cut: Cut): Uint8Array[] {
  const ends =
    cut === 'whole'
      ? []
      : cut === 'byte'
        ? Array.from(bytes, (_, at) => at + 1)
        : cut === 'event'
          ? [...eventEnds(bytes)]
          : [...seededEnds(bytes.length, cut.seed)];
  const pieces = [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
  return pieces.filter((piece) => piece.length > 0);
}
