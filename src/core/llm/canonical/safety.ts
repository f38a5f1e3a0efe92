import type { JsonObject } from './request.ts';

/** What a vendor's safety filters found. Every member is in its vendor's own form, to be shown and never interpreted. */
export interface SafetyReport {
  /** Google's `safetyRatings` of the answer. */
  readonly ratings?: readonly JsonObject[];
  /** Google's `finishMessage`: why it stopped, in words, where it did not simply come to its end. */
  readonly finishMessage?: string;
  /** Google's `promptFeedback`: why the prompt was blocked, and its ratings. */
  readonly promptFeedback?: JsonObject;
  /** Azure's `content_filter_results` of the answer. */
  readonly contentFilter?: JsonObject;
  /** Azure's `prompt_filter_results`. */
  readonly promptFilter?: readonly JsonObject[];
}

/** Streams repeat their findings while the answer grows: what is said last holds. */
export function mergeReports(earlier: SafetyReport | undefined, later: SafetyReport): SafetyReport {
  return earlier === undefined ? later : { ...earlier, ...later };
}
