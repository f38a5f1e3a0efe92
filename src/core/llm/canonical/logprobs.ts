/** How likely a token was, as a natural logarithm. */
export interface TokenChance {
  readonly token: string;
  readonly logprob: number;
  /** The token as UTF-8, where the vendor gives it: a token may end inside a character. */
  readonly bytes?: readonly number[];
}

/** A token the model wrote. */
export interface TokenLogprob extends TokenChance {
  /** The likeliest tokens in this place. Absent: nobody asked for them. */
  readonly top?: readonly TokenChance[];
}
