import type { Exchange } from '../../exchange/exchange.ts';
import { decodeHeaderValue } from '../wire/header-value.ts';
import { type JsonObject, JsonRpcError } from '../wire/json-rpc.ts';
import { isObject, type Message } from '../wire/message.ts';
import { CODES, META, MODERN } from '../wire/revision.ts';

/** What a stateless request says of its client. */
export interface Envelope {
  readonly capabilities: JsonObject;
  readonly logLevel: string | undefined;
}

/** The methods whose header repeats a member of the params. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

/** Whether a message speaks for itself, as those of the stateless revision do. */
export function isModern(message: Message, header: string | undefined): boolean {
  if (message.kind !== 'request' && message.kind !== 'notification') return false;
  return claim(message.params) !== undefined || header?.trim() === MODERN;
}

/**
 * Checks a stateless request against its headers. Throws the errors of the revision's table: -32602 for a `_meta` that
 * lacks something, -32020 where header and body differ or a header is missing, -32022 for a revision that is not served.
 */
export function readEnvelope(message: Message & { readonly kind: 'request' }, exchange: Exchange): Envelope {
  const { method, params } = message;
  const header = exchange.header('mcp-protocol-version')?.trim();
  const version = claim(params);
  if (method === 'initialize' && version === undefined) {
    throw mismatch('an initialize request opens a revision with a handshake, which the header does not name');
  }
  const meta = isObject(params['_meta']) ? params['_meta'] : {};
  const missing = [META.protocolVersion, META.clientCapabilities].filter((key) => meta[key] === undefined);
  if (missing.length > 0) {
    throw new JsonRpcError(CODES.invalidParams, `The request's _meta lacks ${missing.join(' and ')}`, {
      data: { missing },
    });
  }
  const capabilities = meta[META.clientCapabilities];
  if (typeof version !== 'string' || !isObject(capabilities)) {
    throw new JsonRpcError(CODES.invalidParams, "The request's _meta is not of the shape its revision gives it");
  }
  if (header !== undefined && header !== version) throw mismatch('MCP-Protocol-Version is not the revision in _meta');
  const methodHeader = exchange.header('mcp-method')?.trim();
  if (methodHeader !== undefined && methodHeader !== method) throw mismatch('Mcp-Method is not the method');
  if (version !== MODERN) {
    throw new JsonRpcError(CODES.versionUnsupported, 'Unsupported protocol version', {
      data: { supported: [MODERN], requested: version },
    });
  }
  if (header === undefined) throw mismatch('MCP-Protocol-Version is missing');
  if (methodHeader === undefined) throw mismatch('Mcp-Method is missing');
  checkName(method, params, exchange.header('mcp-name'));
  const logLevel = meta[META.logLevel];
  return { capabilities, logLevel: typeof logLevel === 'string' ? logLevel : undefined };
}

/** The members of `_meta` that travel on to a server. */
export function travellingMeta(params: JsonObject): JsonObject {
  const meta = params['_meta'];
  if (!isObject(meta)) return {};
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(meta)) {
    if (!OWN_META.has(key)) kept[key] = value;
  }
  return kept;
}

const OWN_META: ReadonlySet<string> = new Set([
  'progressToken',
  META.protocolVersion,
  META.clientCapabilities,
  META.clientInfo,
  META.subscriptionId,
]);

export function mismatch(words: string): JsonRpcError {
  return new JsonRpcError(CODES.headerMismatch, `Headers and body of the request disagree: ${words}`);
}

function checkName(method: string, params: JsonObject, header: string | undefined): void {
  const member = NAMED.get(method);
  if (member === undefined) return;
  const value = params[member];
  if (typeof value !== 'string') return;
  if (header === undefined) throw mismatch('Mcp-Name is missing');
  const decoded = decodeHeaderValue(header);
  if (decoded === undefined) throw mismatch('Mcp-Name is not readable');
  if (decoded !== value) throw mismatch(`Mcp-Name is not the ${member}`);
}

function claim(params: JsonObject): unknown {
  const meta = params['_meta'];
  return isObject(meta) ? meta[META.protocolVersion] : undefined;
}
