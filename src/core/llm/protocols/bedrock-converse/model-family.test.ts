import { describe, expect, it } from 'vitest';
import { canForce, isThinkingNova, modelFamily } from './model-family.ts';
import { proofOrigin } from './reasoning.ts';

describe('the family of a model', () => {
  it.each([
    ['anthropic.claude-3-haiku-20240307-v1:0', 'anthropic'],
    ['us.anthropic.claude-sonnet-4-20250514-v1:0', 'anthropic'],
    ['global.anthropic.claude-opus-4-5', 'anthropic'],
    ['us-gov.anthropic.claude-x', 'anthropic'],
    ['arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-x', 'anthropic'],
    ['arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0', 'nova'],
    ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3', 'other'],
    ['apac.amazon.nova-lite-v1:0', 'nova'],
    ['amazon.titan-text-express-v1', 'titan'],
    ['meta.llama3-1-70b-instruct-v1:0', 'meta'],
    ['cohere.command-r-v1:0', 'cohere'],
    ['ai21.jamba-1-5-mini-v1:0', 'jamba'],
    ['openai.gpt-oss-120b-1:0', 'openai'],
    ['claude-of-anthropic.', 'other'],
    ['notanthropic.claude', 'other'],
    ['', 'other'],
  ])('of %s is %s', (model, family) => {
    expect(modelFamily(model)).toBe(family);
    expect(proofOrigin(model)).toBe(family === 'anthropic' ? 'anthropic' : undefined);
  });

  it('is of no origin while the model is not known', () => {
    expect(proofOrigin(undefined)).toBeUndefined();
  });

  it.each([
    ['anthropic', true, true],
    ['nova', true, true],
    ['meta', true, true],
    ['deepseek', true, true],
    ['jamba', true, true],
    ['cohere', false, true],
    ['titan', false, false],
    ['other', false, false],
  ] as const)('%s: any %s, one %s', (family, any, one) => {
    expect(canForce(family, 'required')).toBe(any);
    expect(canForce(family, 'tool')).toBe(one);
  });

  it('tells the Nova that thinks', () => {
    expect(isThinkingNova('us.amazon.nova-2-lite-v1:0')).toBe(true);
    expect(isThinkingNova('amazon.nova-pro-v1:0')).toBe(false);
  });
});
