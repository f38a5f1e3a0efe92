import { describe, expect, it } from 'vitest';
import { anthropic } from './anthropic.ts';
import { bedrock } from './bedrock.ts';

describe.each([anthropic, bedrock])('adaptive thinking at $kind', ({ adaptiveThinking }) => {
  it.each([
    'claude-opus-4-6',
    'claude-sonnet-4-10',
    'claude-opus-5',
    'us.anthropic.claude-opus-4-7-20260115-v1:0',
    'global.anthropic.claude-sonnet-4-6',
    'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-haiku-5-v1:0',
  ])('is how %s thinks', (model) => {
    expect(adaptiveThinking?.test(model)).toBe(true);
  });

  it.each([
    'claude-3-7-sonnet-20250219',
    'claude-sonnet-4-20250514',
    'claude-opus-4-1-20250805',
    'us.anthropic.claude-sonnet-4-20250514-v1:0',
    'anthropic.claude-haiku-4-5-20251001-v1:0',
    'amazon.nova-2-lite-v1:0',
  ])('is not how %s thinks', (model) => {
    expect(adaptiveThinking?.test(model)).toBe(false);
  });
});
