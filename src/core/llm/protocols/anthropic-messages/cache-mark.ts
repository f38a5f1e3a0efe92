import type { CacheMark } from '../../canonical/request.ts';
import type { CacheControl, ClientCacheControl } from './wire.ts';

export function encodeCacheMark(mark: CacheMark | undefined): { cache_control?: CacheControl } {
  if (mark === undefined) return {};
  return { cache_control: { type: 'ephemeral', ...(mark.ttl !== undefined && { ttl: mark.ttl }) } };
}

export function decodeCacheMark(control: ClientCacheControl | null | undefined): { cache?: CacheMark } {
  if (control === undefined || control === null) return {};
  const { ttl } = control;
  return { cache: ttl === '5m' || ttl === '1h' ? { ttl } : {} };
}
