import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/parse.ts';
import type { Transport } from '../../http/transport.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { ProtocolId } from '../protocols/protocol.ts';
import { defineProvider, type ProviderDefinition, type TransportSettings } from '../providers/definition.ts';
import { Provider } from '../providers/provider.ts';
import { Transports } from './transports.ts';

const log: string[] = [];

function transport(name: string): Transport {
  return {
    send: () => {
      throw new Error('nothing is sent here');
    },
    close: async () => void log.push(`close ${name}`),
  };
}

function provider(openTransport?: ProviderDefinition['openTransport'], id: ProtocolId = 'openai-chat'): Provider {
  const definition = defineProvider({
    kind: 'acme',
    protocols: [{ id, path: '/chat' }],
    authorize: (key) => (openTransport === undefined ? ['x-key', key] : []),
    keyless: true,
    clientHeaders: [],
    origin: undefined,
    ...(openTransport === undefined ? { baseUrl: 'https://acme.example' } : { openTransport }),
  });
  const { config } = parseConfig({ llm: { providers: { mine: { type: 'acme' } } } }, { kinds: [definition] });
  const parsed = config.llm.providers['mine'];
  if (parsed === undefined) throw new Error('the provider is missing');
  return new Provider(definition, parsed);
}

describe('transports', () => {
  it('open the shared one once, and then give it without a promise', async () => {
    let opened = 0;
    const shared = transport('shared');
    const transports = new Transports(async () => {
      opened += 1;
      return shared;
    });
    const one = provider();
    expect(await Promise.all([transports.of(one), transports.of(provider()), transports.of(one)])).toEqual([
      shared,
      shared,
      shared,
    ]);
    expect(transports.of(one)).toBe(shared);
    expect(opened).toBe(1);
  });

  it("open a provider's own once, on top of the shared one, and close them in turn", async () => {
    log.length = 0;
    const seen: [TransportSettings, Transport][] = [];
    const own = transport('own');
    const shared = transport('shared');
    const acme = provider(async (...given) => {
      seen.push(given);
      return own;
    });
    expect(acme.url).toBe('');
    const transports = new Transports(async () => shared);
    await transports.open([acme, acme]);
    expect(transports.of(acme)).toBe(own);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.[0]).toMatchObject({ name: 'mine', baseUrl: undefined });
    expect(seen[0]?.[1]).toBe(shared);
    await transports.close();
    expect(log).toEqual(['close own', 'close shared']);
  });

  it('try again after an opening that failed, and close nothing that never opened', async () => {
    log.length = 0;
    let failing = true;
    const acme = provider(async () => {
      if (failing) throw new Error('not yet');
      return transport('own');
    });
    const transports = new Transports(async () => transport('shared'));
    await expect(transports.of(acme)).rejects.toThrow('not yet');
    failing = false;
    expect(await transports.of(acme)).toBeDefined();
    await transports.close();
    expect(log).toEqual(['close own', 'close shared']);

    const untouched = new Transports(async () => {
      throw new Error('never');
    });
    await expect(untouched.of(provider())).rejects.toThrow('never');
    await untouched.close();
  });

  it('are given for calls once the protocol is loaded that the provider is spoken to in', async () => {
    const shared = transport('shared');
    const transports = new Transports(async () => shared);
    const acme = provider(undefined, 'bedrock-converse');
    expect(await transports.forCalls(acme)).toBe(shared);
    expect(PROTOCOLS['bedrock-converse'].loaded.upstream.id).toBe('bedrock-converse');
    expect(transports.forCalls(acme)).toBe(shared);

    const failing = new Transports(async () => {
      throw new Error('never');
    });
    await expect(failing.forCalls(provider(undefined, 'anthropic-messages'))).rejects.toThrow('never');
  });

  it('are opened together with the protocols, so that a call waits for neither', async () => {
    const shared = transport('shared');
    const transports = new Transports(async () => shared);
    const acme = provider(undefined, 'google-generate');
    await transports.open([acme]);
    expect(transports.forCalls(acme)).toBe(shared);
  });

  it.each([
    [{ openTransport: 'yes' }, 'openTransport must be a function'],
    [{ authorize: () => [] }, 'authorize must give'],
  ])('refuse the definition %j', (wrong, words) => {
    const definition = {
      kind: 'acme',
      protocols: [{ id: 'openai-chat' as const, path: '/chat' }],
      authorize: (key: string) => ['x-key', key],
      clientHeaders: [],
      origin: undefined,
    };
    expect(() => defineProvider({ ...definition, ...wrong } as never)).toThrow(words);
  });
});
