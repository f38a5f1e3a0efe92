// Labelled prompts, in two halves: by a hash of their text, so that none can be moved to where it suits.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface LabelledPrompt {
  readonly text: string;
  readonly task: 'code' | 'maths' | 'reasoning' | 'translation' | 'summarisation' | 'extraction' | 'writing' | 'chat';
  readonly difficulty: 'low' | 'medium' | 'high';
}

const FILE = new URL('../fixtures/smart-prompts.json', import.meta.url);
const { prompts }: { prompts: LabelledPrompt[] } = JSON.parse(readFileSync(FILE, 'utf8'));

const isHeldBack = ({ text }: LabelledPrompt): boolean =>
  (createHash('sha256').update(text).digest()[0] ?? 0) % 2 === 1;

/** What the heuristic was developed on. */
export const developmentPrompts = prompts.filter((prompt) => !isHeldBack(prompt));
/** What it is judged by. */
export const heldBackPrompts = prompts.filter(isHeldBack);
