// README, "Cost": a sink that sums what each provider cost.
import assert from 'node:assert/strict';
import { createNexus } from 'nexus-ai';
import { chat, config } from './support.mjs';

// #region sink
const spent = new Map();
const sumByProvider = ({ charges, ...answer }) => {
  for (const { provider = 'none', cost, usageSource } of [answer, ...charges]) {
    const group = usageSource === 'reported' ? provider : `${provider}, estimated`;
    spent.set(group, (spent.get(group) ?? 0) + (cost?.nanoUsd ?? 0));
  }
};

const instance = createNexus(config, { sinks: [sumByProvider] });
// #endregion sink

assert.equal(await chat('http://nexus', {}, instance.fetch), 200);
await instance.close();
assert.ok(spent.get('openai') > 0, 'the request cost something');
