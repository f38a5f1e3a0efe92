import { describe, expect, it } from 'vitest';
import { developmentPrompts, heldBackPrompts, type LabelledPrompt } from '../../../../../test/support/smart-prompts.ts';
import type { Capability } from '../../../config/route-words.ts';
import { byFit } from './fit.ts';
import { type Judgement, judgeText } from './judge-text.ts';

const facts = { needs: new Set<Capability>(), tools: 0, size: 100 };
/** Four targets as somebody might configure them. */
const TARGETS = [
  { name: 'small', tier: 'small' },
  { name: 'coder', tier: 'medium', tasks: ['code'] },
  { name: 'medium', tier: 'medium' },
  { name: 'large', tier: 'large' },
] as const;

const share = (holds: (prompt: LabelledPrompt) => boolean): number =>
  heldBackPrompts.filter(holds).length / heldBackPrompts.length;
const targetFor = (judgement: Judgement | undefined): string | undefined =>
  judgement === undefined ? 'small' : byFit<(typeof TARGETS)[number]>(TARGETS, judgement)[0]?.name;

describe('judgeText, on prompts it was not developed on', () => {
  it('has enough of them, and none of them twice', () => {
    expect(heldBackPrompts.length).toBeGreaterThan(100);
    expect(developmentPrompts.length).toBeGreaterThan(100);
    const all = [...heldBackPrompts, ...developmentPrompts];
    expect(new Set(all.map(({ text }) => text)).size).toBe(all.length);
  });

  // bench/smart-routing.mjs prints the shares: 90 % of tasks, 86 % of difficulties, 85 % of targets when this was written.
  it('tells the task and the difficulty of most', () => {
    expect(share(({ text, task }) => judgeText(text, facts)?.task === task)).toBeGreaterThan(0.8);
    expect(share(({ text, difficulty }) => judgeText(text, facts)?.difficulty === difficulty)).toBeGreaterThan(0.7);
  });

  it('chooses the target a person would far more often than a route that always takes its default', () => {
    const chosen = share((prompt) => targetFor(judgeText(prompt.text, facts)) === targetFor(prompt));
    const always = Math.max(...TARGETS.map(({ name }) => share((prompt) => targetFor(prompt) === name)));
    expect(chosen).toBeGreaterThan(0.7);
    expect(chosen - always).toBeGreaterThan(0.2);
  });
});

describe('judgeText', () => {
  it('says nothing of a request without text', () => {
    expect(judgeText('', facts)).toBeUndefined();
    expect(judgeText(' \n\t', facts)).toBeUndefined();
  });

  it.each([
    ['asks for thought', { needs: new Set<Capability>(['reasoning']) }],
    ['brings many tools', { tools: 12 }],
    ['is a long conversation', { size: 48_000 }],
  ])('does not send a request that %s to the smallest', (_, more) => {
    expect(judgeText('hi', facts)).toEqual({ task: 'chat', difficulty: 'low' });
    expect(judgeText('hi', { ...facts, ...more })?.difficulty).toBe('medium');
  });

  it('takes time in proportion to the text, whatever it is made of', () => {
    const time = (text: string): number => {
      judgeText(text, facts);
      const begun = process.cpuUsage();
      for (let i = 0; i < 20; i++) judgeText(text, facts);
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 20;
    };
    for (const piece of ['a', 'a ', '1+', 'list all in ', 'select x ', '译', 'fasse a ']) {
      const short = Math.max(time(piece.repeat(500)), 200);
      // Eight times the text; a quadratic pattern would take sixty-four times as long.
      expect(time(piece.repeat(4000)), piece).toBeLessThan(40 * short);
    }
  });
});
