import { isIP } from 'node:net';

/**
 * Whether an IP address is one that only means something near this machine: loopback, private, link-local, shared,
 * unspecified, multicast or reserved. Addresses that were discovered at run time must not be.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 4) return isPrivateV4(bare);
  if (family !== 6) return true;
  const groups = expand(bare.toLowerCase());
  const embedded = embeddedV4(groups);
  if (embedded !== undefined) return isPrivateV4(embedded);
  const first = groups[0] ?? 0;
  if (groups.slice(0, 7).every((group) => group === 0)) return true;
  return (
    (first & 0xfe00) === 0xfc00 ||
    (first & 0xffc0) === 0xfe80 ||
    (first & 0xff00) === 0xff00 ||
    (first & 0xffc0) === 0xfec0
  );
}

function isPrivateV4(address: string): boolean {
  const [a = 0, b = 0, c = 0] = address.split('.').map(Number);
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b <= 127) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && c === 0) ||
    (a === 198 && (b === 18 || b === 19))
  );
}

/** The eight groups of an IPv6 address that has been found valid. */
function expand(address: string): number[] {
  let text = address;
  const tail = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (tail !== null) {
    const [, a, b, c, d] = tail.map(Number);
    const high = (((a ?? 0) << 8) | (b ?? 0)).toString(16);
    const low = (((c ?? 0) << 8) | (d ?? 0)).toString(16);
    text = `${text.slice(0, tail.index)}${high}:${low}`;
  }
  const [front = '', back] = text.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const start = read(front);
  if (back === undefined) return start;
  const end = read(back);
  return [...start, ...new Array<number>(Math.max(0, 8 - start.length - end.length)).fill(0), ...end];
}

/** The IPv4 address inside mapped (`::ffff:`), compatible, NAT64 (`64:ff9b::`) and 6to4 (`2002::`) addresses. */
function embeddedV4(groups: readonly number[]): string | undefined {
  const v4 = (high = 0, low = 0): string => `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  const [first, second] = groups;
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return v4(groups[6], groups[7]);
  if (first === 0x64 && second === 0xff9b) return v4(groups[6], groups[7]);
  if (first === 0x2002) return v4(groups[1], groups[2]);
  return undefined;
}
