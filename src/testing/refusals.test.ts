import { describe, expect, it } from 'vitest';
import { refuseAnthropic } from './anthropic-refusals.ts';
import { refuseOpenAI } from './openai-refusals.ts';

const user = { role: 'user', content: 'x' };

describe('OpenAI', () => {
  const good = { model: 'm', messages: [user] };
  const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
  const calls = (...ids: string[]) => ({ role: 'assistant', content: null, tool_calls: ids.map(call) });
  const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'ok' });

  it.each([
    ['the least', good],
    ['nulls for absent members', { ...good, stream: null, stream_options: null, tools: null }],
    ['two user messages in a row', { ...good, messages: [user, user] }],
    ['answered calls', { ...good, messages: [user, calls('a', 'b'), result('b'), result('a'), user] }],
    ['usage in a stream', { ...good, stream: true, stream_options: { include_usage: true } }],
  ])('takes %s', (_, body) => {
    expect(refuseOpenAI(body)).toBeUndefined();
  });

  it.each([
    ['no JSON', undefined, /could not parse/, undefined],
    ['a list', [], /could not parse/, undefined],
    ['no model', { messages: [user] }, /provide a model/, undefined],
    ['a model that is no text', { ...good, model: 5 }, /model/, 'model'],
    ['no messages', { model: 'm' }, /Missing required parameter/, 'messages'],
    ['messages that are no list', { ...good, messages: 'x' }, /expected an array/, 'messages'],
    ['empty messages', { ...good, messages: [] }, /empty array/, 'messages'],
    ['a message that is none', { ...good, messages: [null] }, /expected an object/, 'messages[0]'],
    ['an unknown role', { ...good, messages: [{ ...user, role: 'model' }] }, /'model'/, 'messages[0].role'],
    ['an inherited role', { ...good, messages: [{ content: 'x' }] }, /'undefined'/, 'messages[0].role'],
    ['no content', { ...good, messages: [{ role: 'user' }] }, /Missing/, 'messages[0].content'],
    ['a member of another dialect', { ...good, system: 'x' }, /Unknown parameter: 'system'/, 'system'],
    ['a member named constructor', { ...good, constructor: 1 }, /'constructor'/, 'constructor'],
    ['a stream that is no boolean', { ...good, stream: 'yes' }, /boolean/, 'stream'],
    ['stream options without a stream', { ...good, stream_options: {} }, /only allowed/, 'stream_options'],
    ['a result without a call', { ...good, messages: [user, result('a')] }, /role 'tool'/, 'messages.[1].role'],
    [
      'a call without a result',
      { ...good, messages: [calls('a', 'b'), result('a'), user] },
      /: b$/,
      'messages.[2].role',
    ],
    ['a call at the end', { ...good, messages: [user, calls('a')] }, /: a$/, 'messages.[2].role'],
  ])('refuses %s', (_, body, message, param) => {
    const refusal = refuseOpenAI(body);
    expect(refusal).toMatchObject({ status: 400, message: expect.stringMatching(message) });
    expect(refusal?.param).toBe(param);
  });
});

describe('Anthropic', () => {
  const good = { model: 'm', max_tokens: 9, messages: [user] };
  const uses = (...ids: string[]) => ({
    role: 'assistant',
    content: ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} })),
  });
  const results = (...ids: string[]) => ({
    role: 'user',
    content: ids.map((tool_use_id) => ({ type: 'tool_result', tool_use_id, content: 'ok' })),
  });

  it.each([
    ['the least', good],
    ['roles that do not alternate', { ...good, messages: [user, user, { role: 'assistant', content: 'a' }] }],
    ['answered tool uses', { ...good, messages: [user, uses('a', 'b'), results('b', 'a')] }],
    ['results in two messages of one turn', { ...good, messages: [uses('a', 'b'), results('a'), results('b'), user] }],
    ['beta members', { ...good, context_management: {}, mcp_servers: [] }],
  ])('takes %s', (_, body) => {
    expect(refuseAnthropic(body)).toBeUndefined();
  });

  it('takes system messages among the turns under a beta', () => {
    const body = { ...good, messages: [user, uses('a'), results('a'), { role: 'system', content: 'x' }] };
    expect(refuseAnthropic(body, true)).toBeUndefined();
    expect(refuseAnthropic(body, false)?.message).toContain('top-level `system`');
  });

  it.each([
    ['no JSON', undefined, /valid dictionary/],
    ['no model', { max_tokens: 9, messages: [user] }, /^model: Field required/],
    ['no max_tokens', { model: 'm', messages: [user] }, /^max_tokens: Field required/],
    ['no messages', { model: 'm', max_tokens: 9 }, /^messages: Field required/],
    ['a broken max_tokens', { ...good, max_tokens: 1.5 }, /valid integer/],
    ['no room to answer', { ...good, max_tokens: 0 }, /greater than or equal to 1/],
    ['a member of another dialect', { ...good, stream_options: {} }, /^stream_options: Extra inputs are not permitted/],
    [
      'a member named __proto__',
      JSON.parse('{"model":"m","max_tokens":9,"messages":[],"__proto__":1}'),
      /^__proto__: Extra/,
    ],
    ['a hot temperature', { ...good, temperature: 1.5 }, /^temperature/],
    ['empty messages', { ...good, messages: [] }, /at least one message/],
    ['a system message', { ...good, messages: [{ role: 'system', content: 'x' }] }, /top-level `system` parameter/],
    ['an unknown role', { ...good, messages: [{ role: 'tool', content: 'x' }] }, /'user' or 'assistant'/],
    ['no content', { ...good, messages: [{ role: 'user' }] }, /^messages.0.content: Field required/],
    ['content null', { ...good, messages: [{ role: 'user', content: null }] }, /valid list/],
    ['a block without a type', { ...good, messages: [{ role: 'user', content: [{ text: 'x' }] }] }, /content.0.type/],
    [
      'an empty text block',
      { ...good, messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
      /non-empty/,
    ],
    ['a result without a use', { ...good, messages: [user, results('a')] }, /unexpected `tool_use_id`.*: a\./],
    ['a use without a result', { ...good, messages: [user, uses('a', 'b'), results('a')] }, /immediately after: b\./],
    [
      'a result one turn late',
      { ...good, messages: [uses('a'), user, uses('b'), results('a')] },
      /immediately after: a\./,
    ],
  ])('refuses %s', (_, body, message) => {
    expect(refuseAnthropic(body)).toMatchObject({ status: 400, message: expect.stringMatching(message) });
  });
});
