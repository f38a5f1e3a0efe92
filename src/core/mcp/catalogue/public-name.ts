import { createHash } from 'node:crypto';

/** Model APIs take names of up to 64 letters, digits, `_` and `-`. */
const LIMIT = 64;
const MARK_LENGTH = 8;
const SAFE = /^[A-Za-z0-9_-]+$/;
const UNSAFE = /[^A-Za-z0-9_-]+/g;

const SEPARATOR = '__';

/**
 * The name of a server's tool or prompt towards clients: `server__name`. Where that would not be a name every model API
 * takes, or could be read as another pair, it is shortened and ends in eight digits of a hash over the pair; so no two
 * pairs share a name, and a name stays what it is whatever else is listed.
 */
export function publicName(server: string, name: string): string {
  const plain = `${server}${SEPARATOR}${name}`;
  if (plain.length <= LIMIT && SAFE.test(plain) && isPlainServer(server) && name !== '') return plain;
  const mark = createHash('sha256')
    .update(JSON.stringify([server, name]))
    .digest('hex')
    .slice(0, MARK_LENGTH);
  const safe = plain.replace(UNSAFE, '_').slice(0, LIMIT - MARK_LENGTH - 1);
  return `${safe}_${mark}`;
}

/** With such a server's name the first separator in a public name is ours. */
function isPlainServer(server: string): boolean {
  return !server.includes(SEPARATOR) && !server.endsWith('_');
}
