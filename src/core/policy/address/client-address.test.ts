import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../exchange/exchange.ts';
import { clientAddress } from './client-address.ts';
import { trustedPeers } from './trusted-peers.ts';

const SOCKET = '10.0.0.9';
const OFF = { realIp: false, trustedHops: undefined };

function from(headers: Record<string, string>, remoteAddress: string | undefined = SOCKET): Exchange {
  const exchange: Pick<Exchange, 'host' | 'header'> = {
    host: { remoteAddress, mountPath: '' },
    header: (name) => headers[name],
  };
  return exchange as Exchange;
}

describe('the address of a client', () => {
  const everybody = trustedPeers(undefined);

  it.each([
    ['no option: headers are ignored', OFF, { 'x-real-ip': '1.1.1.1', 'x-forwarded-for': '2.2.2.2' }, SOCKET],
    ['X-Real-IP', { ...OFF, realIp: true }, { 'x-real-ip': '1.1.1.1' }, '1.1.1.1'],
    ['X-Real-IP, IPv6', { ...OFF, realIp: true }, { 'x-real-ip': '2001:DB8::1' }, '2001:db8::1'],
    ['X-Real-IP that is none', { ...OFF, realIp: true }, { 'x-real-ip': 'localhost' }, SOCKET],
    ['X-Real-IP with a port', { ...OFF, realIp: true }, { 'x-real-ip': '1.1.1.1:80' }, SOCKET],
    ['hops 0 is the last', { ...OFF, trustedHops: 0 }, { 'x-forwarded-for': '1.1.1.1, 2.2.2.2, 3.3.3.3' }, '3.3.3.3'],
    ['hops 1', { ...OFF, trustedHops: 1 }, { 'x-forwarded-for': '1.1.1.1, 2.2.2.2, 3.3.3.3' }, '2.2.2.2'],
    ['hops 2', { ...OFF, trustedHops: 2 }, { 'x-forwarded-for': '1.1.1.1, 2.2.2.2, 3.3.3.3' }, '1.1.1.1'],
    ['more hops than entries', { ...OFF, trustedHops: 3 }, { 'x-forwarded-for': '1.1.1.1, 2.2.2.2, 3.3.3.3' }, SOCKET],
    ['far more hops', { ...OFF, trustedHops: 9 }, { 'x-forwarded-for': ',1.1.1.1' }, SOCKET],
    ['an entry that is none', { ...OFF, trustedHops: 0 }, { 'x-forwarded-for': '1.1.1.1, unknown' }, SOCKET],
    ['an empty entry', { ...OFF, trustedHops: 0 }, { 'x-forwarded-for': '1.1.1.1,' }, SOCKET],
    ['an empty list', { ...OFF, trustedHops: 1 }, { 'x-forwarded-for': '' }, SOCKET],
    [
      'X-Real-IP goes first',
      { realIp: true, trustedHops: 0 },
      { 'x-real-ip': '1.1.1.1', 'x-forwarded-for': '2.2.2.2' },
      '1.1.1.1',
    ],
    [
      'X-Forwarded-For where X-Real-IP is none',
      { realIp: true, trustedHops: 0 },
      { 'x-real-ip': '?', 'x-forwarded-for': '2.2.2.2' },
      '2.2.2.2',
    ],
  ])('%s', (_, options, headers, expected) => {
    expect(clientAddress(options, everybody)(from(headers))).toBe(expected);
  });

  it('writes an IPv4 address of a dual-stack socket in one way', () => {
    expect(clientAddress(OFF, everybody)(from({}, '::ffff:10.1.2.3'))).toBe('10.1.2.3');
  });

  it('believes nobody but the proxies that are named', () => {
    const address = clientAddress(
      { realIp: true, trustedHops: 0 },
      trustedPeers(['10.0.0.0/24', 'fd00::/8', '192.0.2.7']),
    );
    const headers = { 'x-real-ip': '1.1.1.1', 'x-forwarded-for': '2.2.2.2' };
    for (const peer of ['10.0.0.9', '::ffff:10.0.0.1', 'fd12::1', '192.0.2.7']) {
      expect(address(from(headers, peer))).toBe('1.1.1.1');
    }
    for (const peer of ['10.0.1.9', 'fe80::1', '192.0.2.8', 'no address'])
      expect(address(from(headers, peer))).toBe(peer);
    const nowhere: Exchange = { ...from(headers), host: { mountPath: '' } };
    expect(address(nowhere)).toBeUndefined();
  });
});
