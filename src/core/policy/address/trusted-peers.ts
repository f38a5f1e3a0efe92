import { BlockList, isIP } from 'node:net';

/** Whether an address is one of those whose headers about callers are believed. */
export type TrustedPeers = (address: string | undefined) => boolean;

/** `networks` are addresses and CIDR blocks; absent: everybody is believed. A caller without an address never is. */
export function trustedPeers(networks: readonly string[] | undefined): TrustedPeers {
  if (networks === undefined) return () => true;
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  // A proxy is one or few: the address before is most often this one again.
  let last: string | undefined;
  let isTrusted = false;
  return (address) => {
    if (address === undefined) return false;
    if (address !== last) {
      last = address;
      const family = isIP(address);
      isTrusted = family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
    }
    return isTrusted;
  };
}
