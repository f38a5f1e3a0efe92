import { createNexus, type Nexus } from 'nexus-ai';
import { createReplayer, type RecordedExchange, type Replayer } from 'nexus-ai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordings } from '../wire/corpus.ts';

/* Every recorded embeddings exchange of the vendors we know, asked again through Nexus and answered as it was. */

const VENDORS = [
  { provider: 'openai', api: 'embeddings' },
  { provider: 'azure', api: 'embeddings' },
  { provider: 'mistral', api: 'embeddings' },
  { provider: 'google', api: 'batchEmbedContents' },
] as const;

type Body = Readonly<Record<string, unknown>>;

let replayer: Replayer;
let nexus: Nexus;

beforeAll(async () => {
  replayer = await createReplayer();
  const apiKey = 'sk-upstream';
  nexus = createNexus({
    llm: {
      discovery: { enabled: false },
      providers: {
        openai: { type: 'openai', apiKey, baseUrl: `${replayer.url}/v1` },
        azure: { type: 'azure', apiKey, baseUrl: replayer.url, apiVersion: '2023-07-01-preview' },
        mistral: { type: 'mistral', apiKey, baseUrl: `${replayer.url}/v1` },
        bedrock: {
          type: 'bedrock',
          baseUrl: replayer.url,
          accessKeyId: 'AKIDEXAMPLE',
          secretAccessKey: 'secret-of-the-example',
        },
        google: { type: 'google', apiKey, baseUrl: `${replayer.url}/v1beta` },
      },
    },
  });
});
afterAll(async () => {
  await nexus.close();
  await replayer.close();
});

const bodyOf = ({ request }: RecordedExchange): Body => request?.body as Body;

const recorded = (provider: string, api: string) =>
  (recordings(provider) as unknown as RecordedExchange[])
    .filter((exchange) => exchange.api === api && exchange.request !== null)
    .map((exchange) => [exchange.id, exchange] as const);

/** The model as it stands in the path, where it does. */
function modelOf({ model, request }: RecordedExchange): string {
  return /\/deployments\/([^/]+)\//.exec(request?.path ?? '')?.[1] ?? String(model);
}

/** A recorded request in OpenAI's format. */
function asked(exchange: RecordedExchange): Body {
  const body = bodyOf(exchange);
  const model = `${exchange.provider}/${modelOf(exchange)}`;
  if (exchange.provider !== 'google') return { ...body, model };
  const requests = body['requests'] as { content: { parts: { text: string }[] }; taskType?: string }[];
  return {
    model,
    input: requests.map(({ content }) => content.parts.map(({ text }) => text).join('')),
    input_type: requests[0]?.taskType,
  };
}

async function ask(body: Body) {
  const response = await nexus.fetch('http://nexus/llm/v1/embeddings', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** What the vendor itself would refuse, and so do we, without asking it. */
const isOurs = (exchange: RecordedExchange) => Number(bodyOf(exchange)['dimensions'] ?? 1) < 1;

describe.each(VENDORS)('$provider', ({ provider, api }) => {
  const exchanges = recorded(provider, api);

  it.each(exchanges.filter(([, exchange]) => !isOurs(exchange)))('%s', async (_, exchange) => {
    const { response, request } = exchange;
    const playback = replayer.play(exchange);
    const answer = await ask(asked(exchange));
    expect(answer.status).toBe(response.status);
    const received = await playback.request;
    expect(received.path.replace(/^\/+/, '/')).toBe(request?.path.replace(/^\/+/, '/'));
    const sent = bodyOf(exchange);
    expect(received.body).toEqual(provider === 'azure' ? { ...sent, model: modelOf(exchange) } : sent);
    if (response.status === 200) expect(answer.bytes.equals(playback.bytes)).toBe(true);
    else {
      const { error } = JSON.parse(answer.bytes.toString()) as { error: { message: string } };
      expect(error.message).toContain((response.body as { error: { message: string } }).error.message);
    }
  });

  it.each(exchanges.filter(([, exchange]) => isOurs(exchange)))('%s', async (_, exchange) => {
    const before = replayer.requests.length;
    expect((await ask(asked(exchange))).status).toBe(exchange.response.status);
    expect(replayer.requests.length).toBe(before);
  });
});

/* Bedrock hands on what Cohere's own API answers; recordings of the one stand in for the other. */
const cohere = recorded('cohere', 'v2.embed').filter(([, { response }]) => response.status === 200);

it.each(cohere)('Cohere on Bedrock: %s', async (_, exchange) => {
  const body = bodyOf(exchange);
  const recordedAnswer = exchange.response.body as {
    embeddings: { float: number[][] };
    meta: { billed_units: { input_tokens: number } };
  };
  const playback = replayer.play(exchange);
  const model = 'bedrock/cohere.embed-v4:0';
  const answer = await ask({ model, input: body['texts'], input_type: body['input_type'] });
  expect(answer.status).toBe(200);
  const { data, usage } = JSON.parse(answer.bytes.toString()) as {
    data: { embedding: number[] }[];
    usage: { prompt_tokens: number };
  };
  expect(data.map(({ embedding }) => embedding)).toEqual(recordedAnswer.embeddings.float);
  expect(usage.prompt_tokens).toBe(recordedAnswer.meta.billed_units.input_tokens);
  const { texts, input_type, embedding_types } = body;
  expect((await playback.request).body).toEqual({ texts, input_type, embedding_types });
});

it('there are recordings to replay', () => {
  expect(recorded('openai', 'embeddings').length).toBeGreaterThan(4);
  expect(recorded('azure', 'embeddings').length).toBeGreaterThan(0);
});
