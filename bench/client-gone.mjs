/*
 * How long an upstream call outlives its client: 1,000 clients that leave at some moment of their stream.
 *
 *   node bench/client-gone.mjs [--trials=1000]
 *
 * Prints percentiles of the time between the client's leaving and the provider seeing its connection close, and what is
 * left open at the end. The figure includes the way through both loopback sockets.
 */
import { createNexus } from 'nexus-ai';
import { listen } from 'nexus-ai/node';
import { createFakeProvider } from 'nexus-ai/testing';

const trials = Number(process.argv.find((word) => word.startsWith('--trials='))?.slice(9) ?? 1000);

const provider = await createFakeProvider({
  rules: [{ reply: { text: 'word '.repeat(2000), chunkSize: 5, pace: 2 } }],
});
const instance = createNexus({
  llm: {
    // The provider's requests are counted below.
    discovery: { enabled: false },
    providers: { openai: { type: 'openai', apiKey: 'bench', baseUrl: `${provider.url}/v1` } },
  },
});
const server = await listen(instance, { port: 0 });

const now = () => performance.timeOrigin + performance.now();
const lags = [];
for (let trial = 0; trial < trials; trial++) {
  const abort = new AbortController();
  const body = { model: 'openai/x', stream: true, messages: [{ role: 'user', content: 'hi' }] };
  const answer = await fetch(`${server.url}/llm/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: abort.signal,
  });
  const reader = answer.body.getReader();
  for (let reads = trial % 4; reads > 0; reads--) await reader.read();
  const left = now();
  abort.abort();
  await provider.waitFor(({ requests }) => requests[trial]?.ended === 'aborted', 5000);
  lags.push(provider.requests[trial].endedAt - left);
}

lags.sort((a, b) => a - b);
const percentile = (share) => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))].toFixed(1);
console.log(`${trials} trials: p50 ${percentile(0.5)} ms, p99 ${percentile(0.99)} ms, worst ${percentile(1)} ms`);
await server.close({ drain: 0 });
await provider.waitFor(({ bill }) => bill.openConnections === 0);
console.log(`left open: ${provider.bill.openStreams} streams, ${provider.bill.openConnections} connections`);
await provider.close();
