// A server of its own, for programs in other languages and for measurements. Everything comes from the environment:
//
//   PORT                          default 8000
//   UPSTREAM                      base URL, without /v1, of a provider that speaks OpenAI's and Anthropic's dialects
//   OPENAI_API_KEY                sent upstream; default demo
//   NEXUS_TIMEOUT, NEXUS_FIRST_BYTE_TIMEOUT, NEXUS_IDLE_TIMEOUT    durations, as in "30s"
//   NEXUS_PROFILE                 lean or full
import { createNexus } from 'nexus-ai';
import { listen } from 'nexus-ai/node';

const {
  PORT = '8000',
  UPSTREAM,
  OPENAI_API_KEY = 'demo',
  ANTHROPIC_API_KEY = OPENAI_API_KEY,
  NEXUS_PROFILE = 'lean',
} = process.env;
const { NEXUS_TIMEOUT, NEXUS_FIRST_BYTE_TIMEOUT, NEXUS_IDLE_TIMEOUT } = process.env;

if (!UPSTREAM) throw new Error('UPSTREAM is not set: the base URL of a provider, without /v1');
// Both profiles are the same until this release has something to add for full.
if (!['lean', 'full'].includes(NEXUS_PROFILE)) throw new Error(`NEXUS_PROFILE is ${NEXUS_PROFILE}, not lean or full`);

const baseUrl = `${UPSTREAM.replace(/\/+$/, '')}/v1`;
const instance = createNexus({
  llm: {
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

async function stop() {
  await server.close();
  await instance.close();
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
