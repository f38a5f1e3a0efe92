import { MODERN } from '../../src/core/mcp/wire/revision.ts';

export const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
};

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The messages of the body, whether it was JSON or an event stream. */
  readonly messages: readonly Record<string, never>[];
  /** The last one: the answer. */
  readonly body: {
    id?: unknown;
    result?: Record<string, unknown>;
    error?: { code: number; message: string; data?: unknown };
  };
  readonly text: string;
}

const ACCEPT = 'application/json, text/event-stream';

/** Posts a body as it is. */
export async function postRaw(url: string, body: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: ACCEPT, 'content-type': 'application/json', ...headers },
    body,
  });
  return readAnswer(response);
}

export async function readAnswer(response: Response): Promise<RawAnswer> {
  const text = await response.text();
  const isStream = response.headers.get('content-type')?.includes('event-stream') === true;
  const messages = isStream
    ? text
        .split('\n')
        .filter((line) => line.startsWith('data: {'))
        .map((line) => JSON.parse(line.slice(6)))
    : text === ''
      ? []
      : [JSON.parse(text)];
  return {
    status: response.status,
    headers: response.headers,
    messages,
    body: messages[messages.length - 1] ?? {},
    text,
  };
}

/** A stateless request with the headers it needs; `headers` replaces them, an empty value leaves one out. */
export function postModern(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  { headers = {}, meta = {}, id = 1 }: { headers?: Record<string, string>; meta?: object; id?: unknown } = {},
): Promise<RawAnswer> {
  const name = params['name'] ?? params['uri'];
  const sent: Record<string, string> = {
    'mcp-protocol-version': MODERN,
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    ...headers,
  };
  for (const [key, value] of Object.entries(sent)) if (value === '') delete sent[key];
  const body = { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...MODERN_META, ...meta } } };
  return postRaw(url, JSON.stringify(body), sent);
}

/** Shakes hands; resolves with the headers of the session. */
export async function openSession(
  url: string,
  {
    headers = {},
    capabilities = {},
    version = '2025-11-25',
  }: { headers?: Record<string, string>; capabilities?: object; version?: string } = {},
): Promise<Record<string, string>> {
  const params = { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1' } };
  const { headers: got } = await postRaw(
    url,
    JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params }),
    headers,
  );
  const session = got.get('mcp-session-id');
  if (session === null) throw new Error('No session was opened');
  return { ...headers, 'mcp-session-id': session };
}

export function postLegacy(
  url: string,
  session: Record<string, string>,
  method: string,
  params: object = {},
  id: string | number = 1,
): Promise<RawAnswer> {
  return postRaw(url, JSON.stringify({ jsonrpc: '2.0', id, method, params }), session);
}
