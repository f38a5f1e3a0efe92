import type { Transport } from '../../http/transport.ts';
import { PROTOCOLS } from '../protocols/index.ts';
import type { Provider } from '../providers/provider.ts';

type Opening = { opened: Transport | undefined; readonly whenOpen: Promise<Transport> };

/**
 * The ways to the upstreams: one that all share, and one for each provider that brings its own. Each is opened on first
 * use and once; an opening that failed is tried again by the next call.
 */
export class Transports {
  readonly #openShared: () => Promise<Transport>;
  #shared: Opening | undefined;
  readonly #own = new Map<Provider, Opening>();

  constructor(openShared: () => Promise<Transport>) {
    this.#openShared = openShared;
  }

  /** The transport of a provider: a promise only until it is open. */
  of(provider: Provider): Transport | Promise<Transport> {
    const opening = provider.definition.openTransport === undefined ? this.#openedShared() : this.#openedOwn(provider);
    return opening.opened ?? opening.whenOpen;
  }

  /** The same for model calls: a promise also until the protocol is loaded that requests are translated into there. */
  forCalls(provider: Provider): Transport | Promise<Transport> {
    const transport = this.of(provider);
    const protocol = PROTOCOLS[provider.primary].get();
    return protocol instanceof Promise ? Promise.all([transport, protocol]).then(([opened]) => opened) : transport;
  }

  /** Opens what these providers need, so that the first call need not. */
  async open(providers: Iterable<Provider>): Promise<void> {
    await this.#openedShared().whenOpen;
    await Promise.all([...providers].map((provider) => this.forCalls(provider)));
  }

  /** Closes what only other providers than these need. */
  async keep(providers: ReadonlySet<Provider>): Promise<void> {
    const others = [...this.#own].filter(([provider]) => !providers.has(provider));
    for (const [provider] of others) this.#own.delete(provider);
    await Promise.all(others.map(([, opening]) => closeOpened(opening)));
  }

  /** Closes what is open, the shared one last: others may stand on it. */
  async close(): Promise<void> {
    const own = [...this.#own.values()];
    this.#own.clear();
    await Promise.all(own.map(closeOpened));
    if (this.#shared !== undefined) await closeOpened(this.#shared);
  }

  #openedShared(): Opening {
    this.#shared ??= begin(this.#openShared(), () => {
      this.#shared = undefined;
    });
    return this.#shared;
  }

  #openedOwn(provider: Provider): Opening {
    let opening = this.#own.get(provider);
    if (opening === undefined) {
      const forget = () => this.#own.delete(provider);
      opening = begin(this.#openOwn(provider), forget);
      this.#own.set(provider, opening);
    }
    return opening;
  }

  async #openOwn(provider: Provider): Promise<Transport> {
    const shared = await this.#openedShared().whenOpen;
    const open = provider.definition.openTransport;
    return open === undefined ? shared : open(provider.transportSettings, shared);
  }
}

function begin(whenOpen: Promise<Transport>, onFailure: () => void): Opening {
  const opening: Opening = { opened: undefined, whenOpen };
  whenOpen.then((transport) => {
    opening.opened = transport;
  }, onFailure);
  return opening;
}

/** One that never opened has nothing to close. */
async function closeOpened({ whenOpen }: Opening): Promise<void> {
  const transport = await whenOpen.catch(() => undefined);
  await transport?.close();
}
