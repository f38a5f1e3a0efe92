// A server of its own, for programs in other languages and for measurements. Everything comes from the environment:
//
//   PORT                          default 8000
//   UPSTREAM                      base URL, without /v1, of a provider that speaks OpenAI's and Anthropic's dialects
//   OPENAI_API_KEY                sent upstream; default demo
//   NEXUS_TIMEOUT, NEXUS_FIRST_BYTE_TIMEOUT, NEXUS_IDLE_TIMEOUT    durations, as in "30s"
//   NEXUS_PROFILE                 lean or full; full knows its callers by their tokens and counts what they use
//
// With full, a second line says where tokens are: curl "$TOKENS?sub=ann&group=red"
import { createNexus } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { openIssuer } from './issuer.mjs';

const {
  PORT = '8000',
  UPSTREAM,
  OPENAI_API_KEY = 'demo',
  ANTHROPIC_API_KEY = OPENAI_API_KEY,
  NEXUS_PROFILE = 'lean',
} = process.env;
const { NEXUS_TIMEOUT, NEXUS_FIRST_BYTE_TIMEOUT, NEXUS_IDLE_TIMEOUT } = process.env;

if (!UPSTREAM) throw new Error('UPSTREAM is not set: the base URL of a provider, without /v1');
if (!['lean', 'full'].includes(NEXUS_PROFILE)) throw new Error(`NEXUS_PROFILE is ${NEXUS_PROFILE}, not lean or full`);

const audience = `http://127.0.0.1:${PORT}/`;
const issuer = NEXUS_PROFILE === 'full' ? await openIssuer(audience) : undefined;
const full = issuer && {
  oauth: {
    url: `${issuer.url}/jwks`,
    expectedIssuer: issuer.url,
    expectedAudience: audience,
    protectedResource: { resource: audience, authorizationServers: [issuer.url] },
  },
  clientIdentification: {
    enabled: true,
    groupId: { jwtClaim: 'group' },
    validation: { groupValues: ['red', 'blue'] },
  },
  // Counted at every request and never reached: what a measurement shows is the counting.
  rateLimits: {
    enabled: true,
    global: { limit: 1_000_000_000, interval: '1m' },
    perIp: { limit: 1_000_000_000, interval: '1m' },
  },
};

const baseUrl = `${UPSTREAM.replace(/\/+$/, '')}/v1`;
const instance = createNexus({
  server: { ...full },
  llm: {
    ...(full && { tokenLimits: { everyone: { limit: 1_000_000_000_000, interval: '1m' } } }),
    ...(NEXUS_TIMEOUT && { timeout: NEXUS_TIMEOUT }),
    ...(NEXUS_FIRST_BYTE_TIMEOUT && { firstByteTimeout: NEXUS_FIRST_BYTE_TIMEOUT }),
    ...(NEXUS_IDLE_TIMEOUT && { idleTimeout: NEXUS_IDLE_TIMEOUT }),
    providers: {
      openai: { type: 'openai', apiKey: OPENAI_API_KEY, baseUrl },
      anthropic: { type: 'anthropic', apiKey: ANTHROPIC_API_KEY, baseUrl },
    },
  },
});

const server = await listen(instance, { host: '127.0.0.1', port: Number(PORT) });
console.log(server.url);

if (issuer) {
  console.log(`tokens: ${issuer.url}/token`);
  // Programs that know nothing of tokens can be run against it as well: they are "anyone". For measurements only.
  const anyone = `Bearer ${await issuer.token()}`;
  server.server.prependListener('request', ({ headers }) => {
    if (!headers.authorization?.startsWith('Bearer ey')) headers.authorization = anyone;
  });
}

async function stop() {
  await server.close();
  await instance.close();
  await issuer?.close();
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
