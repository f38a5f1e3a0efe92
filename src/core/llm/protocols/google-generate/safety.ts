import type { JsonObject } from '../../canonical/request.ts';
import type { SafetyReport } from '../../canonical/safety.ts';
import { isJsonObject } from '../json-object.ts';

/** What an answer says of its safety; `undefined` when it says nothing. `candidate` may be missing. */
export function readSafety(promptFeedback: unknown, candidate: JsonObject | undefined): SafetyReport | undefined {
  const found: unknown = candidate?.['safetyRatings'];
  const ratings = Array.isArray(found) ? found.filter(isJsonObject) : [];
  const feedback =
    isJsonObject(promptFeedback) && Object.keys(promptFeedback).length > 0 ? { promptFeedback } : undefined;
  const why = candidate === undefined ? undefined : finishMessageOf(candidate);
  if (ratings.length === 0 && feedback === undefined && why === undefined) return undefined;
  return { ...(ratings.length > 0 && { ratings }), ...(why !== undefined && { finishMessage: why }), ...feedback };
}

/** Of an answer that came to its end it says nothing of use: "Model generated function call(s)." */
function finishMessageOf({ finishReason, finishMessage }: JsonObject): string | undefined {
  return typeof finishMessage === 'string' && finishMessage !== '' && finishReason !== 'STOP'
    ? finishMessage
    : undefined;
}

/** Members of a candidate, each with a comma before it. What Azure found keeps Azure's name. */
export function writeCandidateSafety({ ratings, finishMessage, contentFilter }: SafetyReport): string {
  return (
    (ratings === undefined ? '' : `,"safetyRatings":${JSON.stringify(ratings)}`) +
    (finishMessage === undefined ? '' : `,"finishMessage":${JSON.stringify(finishMessage)}`) +
    (contentFilter === undefined ? '' : `,"content_filter_results":${JSON.stringify(contentFilter)}`)
  );
}

/** Members of the answer, each with a comma before it. */
export function writePromptSafety({ promptFeedback, promptFilter }: SafetyReport): string {
  return (
    (promptFeedback === undefined ? '' : `,"promptFeedback":${JSON.stringify(promptFeedback)}`) +
    (promptFilter === undefined ? '' : `,"prompt_filter_results":${JSON.stringify(promptFilter)}`)
  );
}
