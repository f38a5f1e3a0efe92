import { describe, expect, it } from 'vitest';
import type { CanonicalRequest } from '../canonical/request.ts';
import { googleGenerate } from './google-generate/index.ts';
import { PROTOCOLS } from './index.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import { decodeServiceTier, writeServiceTier } from './service-tier.ts';
import { spell } from './spelling.ts';

const request: CanonicalRequest = {
  model: 'm',
  system: [],
  turns: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
  tools: [],
  stream: false,
  unsupported: [],
};

describe('a class of service', () => {
  it.each([
    ['flex', 'flex', []],
    ['priority', 'priority', []],
    ['reserved', 'reserved', []],
    ['auto', undefined, []],
    ['default', undefined, []],
    ['standard', undefined, []],
    ['unspecified', undefined, []],
    [undefined, undefined, []],
    [null, undefined, []],
    ['scale', undefined, ['tier']],
    ['', undefined, ['tier']],
    ['constructor', undefined, ['tier']],
  ])('%j is read as %j', (word, tier, named) => {
    const unsupported = new Set<string>();
    expect(decodeServiceTier(word, 'tier', unsupported)).toBe(tier);
    expect([...unsupported]).toEqual(named);
  });

  it.each([
    ['flex', ',"service_tier":"flex"'],
    ['priority', ',"service_tier":"priority"'],
    // No answer of OpenAI's says it.
    ['batch', ''],
    [undefined, ''],
  ] as const)('that was given, %j, is written as %j', (tier, written) => {
    expect(writeServiceTier(tier)).toBe(written);
  });

  it.each([
    ['openai-chat', 'flex', '"service_tier":"flex"'],
    ['openai-chat', 'reserved', undefined],
    ['openai-responses', 'priority', '"service_tier":"priority"'],
    ['openai-responses', 'reserved', undefined],
    ['bedrock-converse', 'reserved', '"serviceTier":{"type":"reserved"}'],
    ['anthropic-messages', 'flex', undefined],
    ['google-generate', 'flex', undefined],
  ] as const)('is asked for of %s in its words, or named: %s', async (id, serviceTier, said) => {
    const { upstream } = await PROTOCOLS[id].get();
    const dropped: string[] = [];
    const body = upstream.encodeRequest({ ...request, serviceTier }, dropped);
    expect(dropped).toEqual(said === undefined ? ['serviceTier'] : []);
    if (said === undefined) expect(body).not.toMatch(/flex|reserved/);
    else expect(body).toContain(said);
  });

  it('is not asked for of hosts that speak an older form of chat completions', () => {
    const dropped: string[] = [];
    const body = openaiChat.encodeRequest({ ...request, serviceTier: 'flex' }, dropped, {
      maxTokensField: 'max_tokens',
    });
    expect([body.includes('flex'), dropped]).toEqual([false, ['serviceTier']]);
  });

  it.each([
    [openaiChat, { service_tier: 'flex' }, 'service_tier'],
    [openaiResponses, { service_tier: 'flex' }, 'service_tier'],
    [googleGenerate, { serviceTier: 'flex' }, 'serviceTier'],
    [googleGenerate, { service_tier: 'flex' }, 'service_tier'],
  ])('is named to clients of $id in their words: %j', ({ spelling }, body, word) => {
    expect(spell(['serviceTier'], spelling, body)).toEqual([word]);
  });
});
