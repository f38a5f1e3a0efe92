/** The text of a claim; `path` is its name, or the names that lead to it with dots between. */
export function claimText(claims: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const value = memberAt(claims, path);
  // A token for several audiences stands for its first.
  return toText(path === 'aud' && Array.isArray(value) ? value[0] : value);
}

function memberAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  // Names of claims are often URLs, which have dots of their own.
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
