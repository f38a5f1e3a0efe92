import { createInterface } from 'node:readline';
import type { Terminal } from './console.ts';

/**
 * Asks a person, a line at a time. Between questions the terminal is left alone, so that Ctrl-C there is a signal like any
 * other; lines that were pasted together answer the questions that follow.
 */
export class Prompt {
  readonly #terminal: Terminal;
  readonly #typed: string[] = [];
  #history: string[] = [];

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The line, without its end; `undefined` when the person ends the conversation (Ctrl-C, Ctrl-D, hung up). */
  ask(question: string): Promise<string | undefined> {
    const waiting = this.#typed.shift();
    if (waiting !== undefined) {
      this.#terminal.output.write(`${question}${waiting}\n`);
      return Promise.resolve(waiting);
    }
    const lines = createInterface({ ...this.#terminal, terminal: true, history: [...this.#history] });
    return new Promise((resolve) => {
      let answer: string | undefined;
      lines.on('line', (line) => {
        if (answer !== undefined) {
          this.#typed.push(line);
          return;
        }
        answer = line;
        // Lines of the same paste are still being read.
        setImmediate(() => lines.close());
      });
      lines.on('history', (history: string[]) => {
        this.#history = history;
      });
      lines.on('SIGINT', () => lines.close());
      lines.on('close', () => {
        if (answer === undefined) this.#terminal.output.write('\n');
        this.#terminal.input.pause();
        resolve(answer);
      });
      lines.setPrompt(question);
      lines.prompt();
    });
  }

  /** Yes or no; anything else is `otherwise`. `undefined` as for `ask`. */
  async confirm(question: string, otherwise: boolean): Promise<boolean | undefined> {
    const answer = await this.ask(`${question} [${otherwise ? 'Y/n' : 'y/N'}] `);
    if (answer === undefined) return undefined;
    if (/^\s*y/i.test(answer)) return true;
    return /^\s*n/i.test(answer) ? false : otherwise;
  }
}
