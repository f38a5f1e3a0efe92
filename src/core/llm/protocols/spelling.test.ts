import { describe, expect, it } from 'vitest';
import { type Spelling, spell } from './spelling.ts';

const SPELLING: Spelling = new Map([
  ['maxTokens', ['max_completion_tokens', 'max_tokens'] as const],
  ['topK', ['generationConfig.topK', 'generation_config.top_k'] as const],
]);

describe('spell', () => {
  it('says the word the caller used, else the first', () => {
    expect(spell(['maxTokens'], SPELLING, { max_tokens: 1 })).toEqual(['max_tokens']);
    expect(spell(['maxTokens'], SPELLING, { max_tokens: null })).toEqual(['max_completion_tokens']);
    expect(spell(['topK'], SPELLING, { generation_config: {} })).toEqual(['generation_config.top_k']);
    expect(spell(['maxTokens'], SPELLING, {})).toEqual(['max_completion_tokens']);
  });

  it('names everything once, and leaves alone what it has no word for', () => {
    expect(spell(['maxTokens', 'x', 'maxTokens', 'x'], SPELLING, {})).toEqual(['max_completion_tokens', 'x']);
  });

  it('is not fooled by names every object has', () => {
    expect(spell(['constructor', '__proto__'], SPELLING, {})).toEqual(['constructor', '__proto__']);
  });
});
