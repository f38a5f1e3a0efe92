import type { JsonObject } from '../canonical/request.ts';

/** The `model` an answer, or an event of one, names. */
export function modelName({ model }: JsonObject): string | undefined {
  return typeof model === 'string' ? model : undefined;
}
