import { Buffer } from 'node:buffer';
import type { BedrockRuntimeClientConfig } from '@aws-sdk/client-bedrock-runtime';
import { NexusError } from '../../errors/nexus-error.ts';
import type { UpstreamRequest } from '../../http/transport.ts';
import type { TransportSettings } from './definition.ts';

/** Makes a call one that Amazon accepts. */
export interface Signer {
  /**
   * The call with its region's address and its signature. `request.path` ends in `/model/{id}/{operation}`, or is that of a
   * list (a GET). Rejects with
   * `upstream_auth` when there is nothing to sign with, and when `signal` is aborted.
   */
  sign(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamRequest>;
  close(): void;
}

const PACKAGE = '@aws-sdk/client-bedrock-runtime';
const DEFAULT_REGION = 'us-east-1';
const CALL = /\/model\/([^/]+)\/([a-z-]+)$/;

/**
 * The SDK of Amazon, which knows where each region is and all the places credentials come from. Only that part of it is
 * used: each call goes through its middleware up to the signature, as an `InvokeModel` call (which takes any body) whose
 * path is given the operation's own name; then it is taken out and sent by Nexus.
 *
 * Throws `config_invalid` when the SDK is not installed.
 */
export async function openSigner(settings: TransportSettings): Promise<Signer> {
  const { BedrockRuntimeClient, InvokeModelCommand } = await loadSdk(settings.name);
  const client = new BedrockRuntimeClient(clientConfig(settings));
  return {
    async sign(request, signal) {
      const [, model, operation = ''] = CALL.exec(request.path) ?? [];
      const body = typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? Buffer.alloc(0));
      const command = new InvokeModelCommand({
        modelId: model === undefined ? 'none' : decodeURIComponent(model),
        body,
        contentType: 'application/json',
      });
      let signed: UpstreamRequest | undefined;
      command.middlewareStack.add(
        (next) => (call) => {
          const built = httpRequest(call.request);
          if (model === undefined) becomeList(built, request.path, settings.baseUrl === undefined);
          else built.path = built.path.replace(/invoke$/, operation);
          return next(call);
        },
        { step: 'build', name: 'nexusOperation' },
      );
      command.middlewareStack.add(
        () => async (call) => {
          signed = upstreamRequest(httpRequest(call.request), request);
          return { response: undefined, output: { $metadata: {}, body: NO_BYTES, contentType: undefined } };
        },
        { step: 'deserialize', priority: 'high', name: 'nexusTakeOut' },
      );
      try {
        await client.send(command, { abortSignal: signal });
      } catch (cause) {
        throw new NexusError('upstream_auth', `No usable AWS credentials for provider '${settings.name}'`, { cause });
      }
      if (signed === undefined) throw new NexusError('internal', 'The AWS SDK signed nothing');
      return signed;
    },
    close: () => client.destroy(),
  };
}

const NO_BYTES = Object.assign(new Uint8Array(0), { transformToString: () => '' });

async function loadSdk(provider: string): Promise<typeof import('@aws-sdk/client-bedrock-runtime')> {
  try {
    return await import('@aws-sdk/client-bedrock-runtime');
  } catch (cause) {
    const message = `Provider '${provider}' is of type bedrock and needs the package ${PACKAGE}; install it beside nexus-ai: npm install ${PACKAGE}`;
    throw new NexusError('config_invalid', message, { cause });
  }
}

function clientConfig({ aws, baseUrl }: TransportSettings): BedrockRuntimeClientConfig {
  const { keys, profile, region } = aws;
  return {
    region: region ?? (process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'] || DEFAULT_REGION),
    maxAttempts: 1,
    // Says how Nexus will send what is signed here: over HTTP/1, where `host` is a header.
    requestHandler: { metadata: { handlerProtocol: 'http/1.1' }, handle: neverSends },
    ...(baseUrl !== undefined && { endpoint: baseUrl }),
    ...(profile !== undefined && { profile }),
    // What is configured goes before a bearer token in the environment.
    ...((keys !== undefined || profile !== undefined) && { authSchemePreference: ['sigv4'] }),
    ...(keys !== undefined && {
      credentials: {
        accessKeyId: keys.accessKeyId.reveal(),
        secretAccessKey: keys.secretAccessKey.reveal(),
        ...(keys.sessionToken !== undefined && { sessionToken: keys.sessionToken.reveal() }),
      },
    }),
  };
}

async function neverSends(): Promise<never> {
  throw new NexusError('internal', 'The AWS SDK tried to send a request itself');
}

/** The part of the SDK's request that matters here. */
interface HttpRequest {
  readonly protocol: string;
  hostname: string;
  readonly port?: number | undefined;
  method: string;
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: unknown;
}

/** Turns a call of a model into a question for a list, which the same region's other service answers. */
function becomeList(built: HttpRequest, pathAndQuery: string, atAmazon: boolean): void {
  const { pathname, searchParams } = new URL(pathAndQuery, 'http://list');
  if (atAmazon) built.hostname = built.hostname.replace(/^bedrock-runtime/, 'bedrock');
  built.method = 'GET';
  built.path = pathname;
  built.query = Object.fromEntries(searchParams);
  built.body = undefined;
  built.headers = {};
}

function httpRequest(request: unknown): HttpRequest {
  if (typeof request === 'object' && request !== null && 'hostname' in request && 'path' in request) {
    return request as HttpRequest;
  }
  throw new NexusError('internal', 'The AWS SDK made a request of an unknown form');
}

function upstreamRequest({ protocol, hostname, port, path, query, headers }: HttpRequest, call: UpstreamRequest) {
  const asked = new URLSearchParams(query).toString();
  const origin = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
  return {
    origin,
    path: asked === '' ? path : `${path}?${asked}`,
    method: call.method,
    headers: Object.entries(headers).flat(),
    body: call.body,
  };
}
