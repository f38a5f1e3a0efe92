import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import type { ParsedIdentification, ParsedOAuth } from '../config/resolve-server.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { openRecord } from '../exchange/record.ts';
import type { Endpoint, EndpointContext } from '../http/endpoint.ts';
import { trustedPeers } from './address/trusted-peers.ts';
import { ResourceServer } from './auth/resource-server.ts';
import { createGate, type GateStages } from './gate.ts';
import { CallerIdentity } from './identity/caller-identity.ts';

const ENDPOINT: Endpoint = {
  name: 'test',
  method: 'GET',
  paths: ['/'],
  dialect: { encodeError: () => '' },
  handle: () => ({ status: 200, headers: [], body: null }),
};

const OAUTH: ParsedOAuth = {
  keySetUrl: 'http://keys.test/',
  pollInterval: undefined,
  issuer: undefined,
  audience: undefined,
  requiredScopes: [],
  leeway: 60_000,
  resource: 'http://gateway.test/',
  authorizationServers: ['http://issuer.test/'],
};

const IDENTIFICATION: ParsedIdentification = { clientId: { claim: 'sub' }, groupId: undefined, groupValues: [] };

function visit(headers: Record<string, string>): { exchange: Exchange; context: EndpointContext } {
  const exchange: Pick<Exchange, 'host' | 'header'> = {
    host: { remoteAddress: '10.0.0.1', mountPath: '' },
    header: (name) => headers[name],
  };
  const record = openRecord('id', 0, 'test', '10.0.0.1');
  return {
    exchange: exchange as Exchange,
    context: { record, principal: undefined, evidence: undefined, booking: undefined, seal: () => {} },
  };
}

/** Limits that write down whom they count. */
function counting(): { counted: unknown[]; requests: GateStages['requests'] } {
  const counted: unknown[] = [];
  const admit = (address: string | undefined, principal: { id: string } | undefined): readonly string[] => {
    counted.push([address, principal?.id]);
    return ['x-told', 'yes'];
  };
  return { counted, requests: { admit } as unknown as GateStages['requests'] };
}

describe('the gate', () => {
  it('does nothing where nothing is checked', () => {
    const { exchange, context } = visit({});
    expect(createGate({ identity: undefined, requests: undefined })(exchange, ENDPOINT, context)).toBeUndefined();
    expect(context.principal).toBeUndefined();
  });

  it('takes a caller the host knows as it is, asks for nothing, and counts it', () => {
    const { counted, requests } = counting();
    const identity = new CallerIdentity({
      host: undefined,
      tokens: undefined,
      identification: { ...IDENTIFICATION, clientId: { header: 'x-id' } },
      trusted: trustedPeers(undefined),
    });
    const { exchange, context } = visit({ 'x-id': 'mallory' });
    const principal = { id: 'ann', group: 'blue', claims: {}, token: undefined };
    const known = { ...exchange, host: { ...exchange.host, principal } };
    expect(createGate({ identity, requests })(known, ENDPOINT, context)).toEqual(['x-told', 'yes']);
    expect(context.principal).toBe(principal);
    expect(context.record).toMatchObject({ clientId: 'ann', clientGroup: 'blue' });
    expect(counted).toEqual([['10.0.0.1', 'ann']]);
  });

  it('counts nobody where nobody is asked', () => {
    const { counted, requests } = counting();
    const { exchange, context } = visit({});
    expect(createGate({ identity: undefined, requests })(exchange, ENDPOINT, context)).toEqual(['x-told', 'yes']);
    expect(counted).toEqual([['10.0.0.1', undefined]]);
  });

  it('asks who calls before it counts, and counts nobody it refuses', () => {
    const { counted, requests } = counting();
    const identity = new CallerIdentity({
      host: undefined,
      tokens: undefined,
      identification: { ...IDENTIFICATION, clientId: { header: 'x-id' } },
      trusted: trustedPeers(undefined),
    });
    const gate = createGate({ identity, requests });
    const nobody = visit({});
    expect(() => gate(nobody.exchange, ENDPOINT, nobody.context)).toThrow('Client identification is required');
    expect(counted).toEqual([]);
    const ann = visit({ 'x-id': 'ann' });
    expect(gate(ann.exchange, ENDPOINT, ann.context)).toEqual(['x-told', 'yes']);
    expect(counted).toEqual([['10.0.0.1', 'ann']]);
    expect(ann.context.record).toMatchObject({ clientId: 'ann', clientGroup: undefined });
  });

  it('waits for a new token, and for none it knows', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    const log = (): void => {};
    const tokens = new ResourceServer(OAUTH, {
      runtime: { now: () => 1_000_000, elapsed: () => 0 },
      logger: { debug: log, info: log, warn: log, error: log },
      fetch: async () => Response.json({ keys: [jwk] }),
    });
    const identity = new CallerIdentity({
      host: undefined,
      tokens,
      identification: IDENTIFICATION,
      trusted: trustedPeers(undefined),
    });
    const gate = createGate({ identity, requests: undefined });
    const token = await new SignJWT({ sub: 'ann' })
      .setProtectedHeader({ alg: 'ES256' })
      .setExpirationTime(2000)
      .sign(privateKey);
    const first = visit({ authorization: `Bearer ${token}` });
    const waited = gate(first.exchange, ENDPOINT, first.context);
    expect(waited).toBeInstanceOf(Promise);
    await waited;
    const second = visit({ authorization: `Bearer ${token}` });
    expect(gate(second.exchange, ENDPOINT, second.context)).toBeUndefined();
    expect(second.context.principal).toMatchObject({ id: 'ann', token });
    expect(second.context.principal).toBe(first.context.principal);
    tokens.close();
  });
});
