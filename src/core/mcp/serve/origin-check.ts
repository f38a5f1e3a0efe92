import type { Exchange } from '../../exchange/exchange.ts';

export interface OriginRules {
  /** Host names, without ports, under which the endpoint may be reached besides the loopback ones. */
  readonly hosts: readonly string[];
  /** Origins of web pages that may call it besides those of this machine and of the endpoint's own host. */
  readonly origins: readonly string[];
}

const LOOPBACK_ADDRESS = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_NAME = /^(?:(?:[a-z0-9-]+\.)*localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Why a request may not be served: a web page of somewhere else sent it, or one that made its own name point to this
 * machine. Undefined when it may.
 */
export function refuseOrigin(exchange: Exchange, rules: OriginRules): string | undefined {
  const host = hostName(exchange.header('host'));
  const { localAddress } = exchange.host;
  if (host !== undefined && localAddress !== undefined && LOOPBACK_ADDRESS.test(localAddress)) {
    if (!LOOPBACK_NAME.test(host) && !rules.hosts.includes(host))
      return 'The Host header names a host that is not allowed';
  }
  const origin = exchange.header('origin');
  if (origin === undefined) return undefined;
  if (rules.origins.includes(origin) || rules.origins.includes('*')) return undefined;
  const from = URL.canParse(origin) ? new URL(origin).hostname : undefined;
  if (from === undefined || from === '') return 'The Origin header is not allowed';
  return LOOPBACK_NAME.test(from) || from === host ? undefined : 'The Origin header is not allowed';
}

/** The name in a Host header, in lower case, without its port; an unreadable one is a name nobody allows. */
function hostName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (header === lastHost?.header) return lastHost.name;
  const url = `http://${header}`;
  const name = URL.canParse(url) ? new URL(url).hostname : '';
  lastHost = { header, name };
  return name;
}

/** Nearly all requests name the same host, and taking a URL apart costs more than all other checks of this file. */
let lastHost: { readonly header: string; readonly name: string } | undefined;
