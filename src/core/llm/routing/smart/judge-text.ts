import type { Task } from '../../../config/route-words.ts';
import type { Needs } from '../needs.ts';
import { type Cue, DIFFICULTY_CUES, TASK_CUES } from './cues.ts';

export type Difficulty = 'low' | 'medium' | 'high';

/** What a request asks for, as far as a look at it tells. */
export interface Judgement {
  readonly task: Task;
  readonly difficulty: Difficulty;
}

/** What else is known of a request. */
export interface RequestFacts {
  readonly needs: Needs;
  /** How many tools the model may call. */
  readonly tools: number;
  /** Bytes of the whole request. */
  readonly size: number;
}

/** Instructions stand at the beginning or at the end of what they are about. */
const BEGINNING = 400;
const END = 160;
const MANY_TOOLS = 12;
/** About twelve thousand tokens of English. */
const LONG = 48_000;
const MEDIUM_FROM = 2.5;
const HIGH_FROM = 6.5;

/** What a text asks for, by its words and its looks, in time linear in its length: no model is asked. `undefined`: no text. */
export function judgeText(text: string, facts: RequestFacts): Judgement | undefined {
  if (text.trim() === '') return undefined;
  const looked = text.toLowerCase().trim();
  const task = taskOf(instructionOf(looked));
  return { task, difficulty: atLeast(difficultyOf(looked, task), facts) };
}

function instructionOf(text: string): string {
  return text.length <= BEGINNING + END ? text : `${text.slice(0, BEGINNING)}\n${text.slice(-END)}`;
}

function taskOf(instruction: string): Task {
  let best: Task = 'chat';
  let most = 0;
  for (const [task, cues] of TASK_CUES) {
    const sum = sumOf(cues, instruction);
    if (sum <= most) continue;
    most = sum;
    best = task;
  }
  return best;
}

function difficultyOf(text: string, task: Task): Difficulty {
  const sum = sumOf(DIFFICULTY_CUES, text) + lengthScore(text, task);
  if (sum >= HIGH_FROM) return 'high';
  return sum >= MEDIUM_FROM ? 'medium' : 'low';
}

/** Tasks about a text that comes with them: its length says less than that of a question. */
const ABOUT_A_TEXT: ReadonlySet<Task> = new Set<Task>(['translation', 'summarisation', 'extraction']);

function lengthScore(text: string, task: Task): number {
  const words = wordsIn(text);
  const scale = ABOUT_A_TEXT.has(task) ? 0.6 : 1;
  return Math.min(5, (words / 14) * scale);
}

const WIDE = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g;

/** Scripts without spaces have about two characters to a word. */
function wordsIn(text: string): number {
  let spaces = 1;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) <= 32) spaces++;
  return spaces + (text.match(WIDE)?.length ?? 0) / 2;
}

function sumOf(cues: readonly Cue[], text: string): number {
  let sum = 0;
  for (const [pattern, weight] of cues) if (pattern.test(text)) sum += weight;
  return sum;
}

/** Who asks for thought, brings many tools or a long conversation, does not want the smallest. */
function atLeast(difficulty: Difficulty, { needs, tools, size }: RequestFacts): Difficulty {
  if (difficulty !== 'low') return difficulty;
  return needs.has('reasoning') || tools >= MANY_TOOLS || size >= LONG ? 'medium' : 'low';
}
