import { Buffer } from 'node:buffer';
import { describe, expect, it, vi } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { NexusError } from '../../errors/nexus-error.ts';
import type { Transport, UpstreamReceiver, UpstreamRequest } from '../../http/transport.ts';
import { openBedrockTransport } from './bedrock-transport.ts';
import type { TransportSettings } from './definition.ts';

const keys = { accessKeyId: new Secret('AKIAEXAMPLE'), secretAccessKey: new Secret('secret'), sessionToken: undefined };
const settings: TransportSettings = {
  name: 'aws',
  baseUrl: undefined,
  aws: { region: undefined, profile: undefined, keys },
};
const call: UpstreamRequest = {
  origin: '',
  path: '/model/a%3Ab/invoke',
  method: 'POST',
  headers: ['x-not', 'sent'],
  body: '{}',
};

/** A transport underneath that sends nothing: it keeps what it is given, and says what it is told to. */
function underneath() {
  const sent: { request: UpstreamRequest; receiver: UpstreamReceiver }[] = [];
  const done: string[] = [];
  const shared: Transport = {
    send(request, receiver) {
      sent.push({ request, receiver });
      return { pause: () => done.push('pause'), resume: () => done.push('resume'), abort: () => done.push('abort') };
    },
    close: async () => void done.push('close'),
  };
  return { shared, sent, done };
}

function listener() {
  const heard: unknown[] = [];
  const receiver: UpstreamReceiver = {
    onHead: (status, headers) => heard.push([status, headers]),
    onData: (chunk) => heard.push(chunk.toString()),
    onEnd: () => heard.push('end'),
    onError: (error) => heard.push(error),
  };
  return { heard, receiver };
}

async function sending(request: UpstreamRequest = call) {
  const { shared, sent, done } = underneath();
  const { heard, receiver } = listener();
  const transport = await openBedrockTransport(settings, shared);
  const upstream = transport.send(request, receiver);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  const [first] = sent;
  if (first === undefined) throw new Error('nothing was sent');
  return { ...first, transport, upstream, heard, done };
}

describe('a call', () => {
  it('goes to the region of the environment, or the first one, with headers of the SDK alone', async () => {
    for (const [environment, region] of [
      [{ AWS_REGION: 'eu-west-3', AWS_DEFAULT_REGION: 'eu-west-1' }, 'eu-west-3'],
      [{ AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' }, 'eu-west-1'],
      [{ AWS_REGION: '', AWS_DEFAULT_REGION: '' }, 'us-east-1'],
    ] as const) {
      for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
      const { request } = await sending();
      expect(request.origin).toBe(`https://bedrock-runtime.${region}.amazonaws.com`);
      expect(request.path).toBe('/model/a%3Ab/invoke');
      expect(request.body).toBe('{}');
      expect(request.headers).not.toContain('x-not');
      expect(request.headers[request.headers.indexOf('host') + 1]).toBe(new URL(request.origin).host);
      expect(request.headers.join()).toContain(`/${region}/bedrock/aws4_request`);
    }
    vi.unstubAllEnvs();
  });

  it('for a list is a signed GET of the service beside the one that runs models', async () => {
    const { request } = await sending({
      ...call,
      path: '/inference-profiles?maxResults=1000&nextToken=a%2Bb',
      method: 'GET',
      body: null,
    });
    expect(request).toMatchObject({
      origin: 'https://bedrock.us-east-1.amazonaws.com',
      path: '/inference-profiles?maxResults=1000&nextToken=a%2Bb',
      method: 'GET',
    });
    const { headers } = request;
    expect(headers[headers.indexOf('host') + 1]).toBe('bedrock.us-east-1.amazonaws.com');
    expect(headers.join()).toContain('/us-east-1/bedrock/aws4_request');
    expect(headers).not.toContain('content-type');
    expect(headers).not.toContain('content-length');
  });

  it('is signed with the configured keys although a token is in the environment', async () => {
    vi.stubEnv('AWS_BEARER_TOKEN_BEDROCK', 'token-of-someone-else');
    const { request } = await sending();
    vi.unstubAllEnvs();
    expect(request.headers.join()).not.toContain('token-of-someone-else');
    expect(request.headers[request.headers.indexOf('authorization') + 1]).toMatch(/^AWS4-HMAC-SHA256 Cred/);
  });

  it('hands on head and bytes as they come, and is paused, resumed and ended', async () => {
    const { receiver, upstream, heard, done } = await sending();
    receiver.onHead(200, { 'x-amzn-bedrock-input-token-count': '7' });
    receiver.onData(Buffer.from('{"a":'));
    receiver.onData(Buffer.from('1}'));
    upstream.pause();
    upstream.resume();
    upstream.abort();
    receiver.onData(Buffer.from('late'));
    receiver.onEnd();
    receiver.onError(new Error('late'));
    expect(heard).toEqual([[200, { 'x-amzn-bedrock-input-token-count': '7' }], '{"a":', '1}']);
    expect(done).toEqual(['pause', 'resume', 'abort']);
  });

  it('that is ended before it is signed never leaves', async () => {
    const { shared, sent } = underneath();
    const { heard, receiver } = listener();
    const transport = await openBedrockTransport(settings, shared);
    transport.send(call, receiver).abort();
    // Signed after it, so that its own signing has come to an end.
    transport.send(call, receiver);
    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(heard).toEqual([]);
  });

  it('has the kind of an error in the body of it', async () => {
    const { receiver, heard } = await sending();
    receiver.onHead(400, { 'x-amzn-errortype': 'ValidationException:http://x' });
    receiver.onData(Buffer.from('{"mess'));
    receiver.onData(Buffer.from('age":"no"}'));
    receiver.onEnd();
    expect(heard[1]).toBe('{"message":"no","__type":"ValidationException:http://x"}');
    expect(heard[2]).toBe('end');
  });

  it('does not read an error without end', async () => {
    const { receiver, heard, done } = await sending();
    receiver.onHead(500, {});
    for (let read = 0; read < 10; read++) receiver.onData(Buffer.alloc(64 * 1024, 'x'));
    expect(done).toEqual(['abort']);
    expect(heard.at(-1)).toBe('end');
    expect(String(heard[1]).length).toBeLessThan(400 * 1024);
  });

  it('fails with a damaged stream, and ends the connection', async () => {
    const { receiver, heard, done } = await sending({ ...call, path: '/model/a/converse-stream' });
    receiver.onHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    receiver.onData(Buffer.alloc(64, 'x'));
    receiver.onEnd();
    const [, failure, ...rest] = heard;
    expect(NexusError.is(failure) && failure.code).toBe('upstream_invalid');
    expect(rest).toEqual([]);
    expect(done).toEqual(['abort']);
  });

  it('does not close what it stands on', async () => {
    const { transport, done } = await sending();
    await transport.close();
    expect(done).toEqual([]);
  });
});

// The SDK is installed here; that it is missing can only be played.
describe('without the SDK', () => {
  it('says what to install', async () => {
    vi.doMock('@aws-sdk/client-bedrock-runtime', () => {
      throw new Error('Cannot find package');
    });
    const failure = await openBedrockTransport(settings, underneath().shared).catch((error: unknown) => error);
    vi.doUnmock('@aws-sdk/client-bedrock-runtime');
    expect(NexusError.is(failure) && [failure.code, failure.message]).toEqual([
      'config_invalid',
      "Provider 'aws' is of type bedrock and needs the package @aws-sdk/client-bedrock-runtime; install it beside nexus-ai: npm install @aws-sdk/client-bedrock-runtime",
    ]);
  });
});
