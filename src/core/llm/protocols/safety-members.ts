import type { SafetyReport } from '../canonical/safety.ts';

/*
 * What safety filters found, in formats whose publication has no place for it. The members have the names that Azure
 * gives its own (`content_filter_results`, `prompt_filter_results`) and Google's in the same spelling (`safety_ratings`,
 * `finish_message`, `prompt_feedback`); what stands in them is the vendor's, unchanged.
 */

/** Members that speak of the answer, each with a comma before it. */
export function writeAnswerSafety({ ratings, finishMessage, contentFilter }: SafetyReport): string {
  return (
    (ratings === undefined ? '' : `,"safety_ratings":${JSON.stringify(ratings)}`) +
    (finishMessage === undefined ? '' : `,"finish_message":${JSON.stringify(finishMessage)}`) +
    (contentFilter === undefined ? '' : `,"content_filter_results":${JSON.stringify(contentFilter)}`)
  );
}

/** Members that speak of the prompt, each with a comma before it. */
export function writePromptSafety({ promptFeedback, promptFilter }: SafetyReport): string {
  return (
    (promptFeedback === undefined ? '' : `,"prompt_feedback":${JSON.stringify(promptFeedback)}`) +
    (promptFilter === undefined ? '' : `,"prompt_filter_results":${JSON.stringify(promptFilter)}`)
  );
}

/** All of them, or nothing. */
export function writeSafety(report: SafetyReport | undefined): string {
  return report === undefined ? '' : writeAnswerSafety(report) + writePromptSafety(report);
}
