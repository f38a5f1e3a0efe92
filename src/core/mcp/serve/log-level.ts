import type { JsonObject } from '../wire/json-rpc.ts';
import { LOG_LEVELS } from '../wire/revision.ts';

export function isLogLevel(value: unknown): value is string {
  return typeof value === 'string' && LOG_LEVELS.includes(value);
}

/** Whether a notification may go to a client that asked for log lines of at least `level`; others than log lines may. */
export function passesLogLevel(method: string, params: JsonObject, level: string | undefined): boolean {
  if (method !== 'notifications/message' || level === undefined) return true;
  const said = LOG_LEVELS.indexOf(String(params['level']));
  // A level we do not know is not ours to judge.
  return said < 0 || said >= LOG_LEVELS.indexOf(level);
}
