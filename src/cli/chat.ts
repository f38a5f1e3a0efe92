import { nearestName } from '../core/config/index.ts';
import { type Nexus, type NexusConfig, NexusError, type RequestRecord } from '../core/index.ts';
import type { ChatInvocation } from './arguments.ts';
import { type ChatMessage, type ChatReply, readReply } from './chat-reply.ts';
import { type Console, INTERRUPTED, paintFor, type Terminal, writeJson } from './console.ts';
import { type OpenedInstance, openInstance } from './instance.ts';
import { Prompt } from './prompt.ts';

const CHAT_PATH = '/v1/chat/completions';
/** Longest wait for what an answer cost, in milliseconds: price lists are loaded by the first one. */
const RECORD_WAIT = 3000;

/** What came of asking; `interrupted`: the person did not want to hear the rest. */
type Turn =
  | { readonly kind: 'answered'; readonly reply: ChatReply; readonly record: RequestRecord | undefined }
  | { readonly kind: 'failed'; readonly error: NexusError }
  | { readonly kind: 'interrupted'; readonly again: boolean };

/** `nexus chat`: asks a model or a route inside this process. Returns the exit status. */
export async function runChat(asked: ChatInvocation, console: Console): Promise<number> {
  const isPiped = asked.prompt === '-' || (asked.prompt === undefined && console.terminal === undefined);
  const prompt = isPiped ? (await console.readInput?.())?.trimEnd() : asked.prompt;
  const { terminal } = console;
  if (prompt === undefined ? terminal === undefined || asked.json : prompt.trim() === '') {
    console.stderr.write("'nexus chat' needs a prompt: as an argument, or on standard input\n");
    return 2;
  }
  const records = new Records();
  await using opened = await openInstance(asked.config, console, {
    sinks: [records.take],
    group: asked.group,
    adapt: speakingOpenAI,
  });
  if (opened === undefined) return 1;
  const chat = new Chat(asked, opened, records, console);
  // Awaited here: the instance is closed when this function is left.
  if (prompt === undefined && terminal !== undefined) return await chat.converse(terminal);
  return await chat.answer(prompt ?? '');
}

class Chat {
  readonly #asked: ChatInvocation;
  readonly #nexus: Nexus;
  readonly #fetch: Nexus['fetch'];
  readonly #csrfHeader: string | undefined;
  readonly #records: Records;
  readonly #console: Console;
  readonly #messages: ChatMessage[];

  constructor(asked: ChatInvocation, { clients, loaded, nexus }: OpenedInstance, records: Records, console: Console) {
    this.#asked = asked;
    this.#nexus = nexus;
    this.#fetch = clients.fetch;
    this.#csrfHeader = loaded.parsed.server.csrfHeader;
    this.#records = records;
    this.#console = console;
    this.#messages = asked.system === undefined ? [] : [{ role: 'system', content: asked.system }];
  }

  /** One question, one answer. */
  async answer(prompt: string): Promise<number> {
    const { json } = this.#asked;
    const turn = await this.#turn(prompt, json ? () => {} : this.#write);
    switch (turn.kind) {
      case 'answered':
        if (json) writeJson(this.#console.stdout, answerDocument(this.#asked.model, turn.reply, turn.record));
        else this.#conclude(turn.reply.text, turn.record);
        return 0;
      case 'failed':
        if (json) writeJson(this.#console.stdout, { error: { code: turn.error.code, message: turn.error.message } });
        else this.#complain(turn.error);
        return 1;
      case 'interrupted':
        if (!json) this.#console.stdout.write('\n');
        return INTERRUPTED;
    }
  }

  /** Question and answer until the person has had enough. */
  async converse(terminal: Terminal): Promise<number> {
    const { stderr, env } = this.#console;
    stderr.write(`${paintFor(stderr, env).dim(`Talking to ${this.#asked.model}; Ctrl-D ends it`)}\n`);
    const prompt = new Prompt(terminal);
    for (;;) {
      const line = await prompt.ask('> ');
      if (line === undefined) return 0;
      if (line.trim() === '') continue;
      const turn = await this.#turn(line, this.#write);
      if (turn.kind === 'answered') this.#conclude(turn.reply.text, turn.record);
      else if (turn.kind === 'failed') this.#complain(turn.error);
      else {
        this.#console.stdout.write('\n');
        if (turn.again) return INTERRUPTED;
      }
    }
  }

  async #turn(prompt: string, onText: (text: string) => void): Promise<Turn> {
    const stop = new AbortController();
    let again = false;
    const forget = this.#console.onStop(() => {
      again = stop.signal.aborted;
      stop.abort();
    });
    const messages: readonly ChatMessage[] = [...this.#messages, { role: 'user', content: prompt }];
    try {
      const record = this.#records.next();
      const response = await this.#send(messages, stop.signal);
      const reply = await readReply(response, onText);
      this.#messages.push({ role: 'user', content: prompt }, { role: 'assistant', content: reply.text });
      return { kind: 'answered', reply, record: await record };
    } catch (error) {
      if (stop.signal.aborted) return { kind: 'interrupted', again };
      if (NexusError.is(error)) return { kind: 'failed', error };
      throw error;
    } finally {
      forget();
    }
  }

  #send(messages: readonly ChatMessage[], signal: AbortSignal): Promise<Response> {
    const path = this.#nexus.endpoints.flatMap(({ paths }) => paths).find((one) => one.endsWith(CHAT_PATH));
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (this.#csrfHeader !== undefined) headers[this.#csrfHeader] = '1';
    return this.#fetch(`http://nexus${path}`, {
      method: 'POST',
      signal,
      headers,
      body: JSON.stringify({
        model: this.#asked.model,
        messages,
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
  }

  readonly #write = (text: string): void => {
    const { stdout } = this.#console;
    // What a model says may not steer the terminal it is read on.
    stdout.write(stdout.isTTY === true ? text.replaceAll(/[^\P{Cc}\n\t]/gu, '') : text);
  };

  #conclude(text: string, record: RequestRecord | undefined): void {
    const { stdout, stderr, env } = this.#console;
    if (!text.endsWith('\n')) stdout.write('\n');
    if (record !== undefined) stderr.write(`${paintFor(stderr, env).dim(footer(record))}\n`);
  }

  #complain({ code, message }: NexusError): void {
    const named = [...this.#nexus.models];
    const nearest = code === 'model_not_found' ? nearestName(this.#asked.model, named) : undefined;
    const hint = nearest === undefined ? `'nexus help ${code}' says more` : `did you mean '${nearest}'?`;
    this.#console.stderr.write(`${message} (${hint})\n`);
  }
}

/** The record of each request as it comes out of the instance. */
class Records {
  #awaited: ((record: RequestRecord) => void) | undefined;

  readonly take = (record: RequestRecord): void => this.#awaited?.(record);

  /** The record of the request that is made now; `undefined` when it does not come in time. */
  next(): Promise<RequestRecord | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), RECORD_WAIT);
      timer.unref();
      this.#awaited = (record) => {
        clearTimeout(timer);
        resolve(record);
      };
    });
  }
}

/** It is the dialect spoken here, also where it is not served to anybody else. */
function speakingOpenAI(config: NexusConfig): NexusConfig {
  const { llm } = config;
  if (llm?.protocols?.openai?.enabled !== false) return config;
  return { ...config, llm: { ...llm, protocols: { ...llm.protocols, openai: { enabled: true } } } };
}

function footer({ provider, model, usage, usageSource, totalNanoUsd, durationMs }: RequestRecord): string {
  const parts = [`${provider}/${model}`];
  if (usage !== undefined) {
    const estimated = usageSource === 'reported' ? '' : ' (estimated)';
    parts.push(`${usage.input} tokens in, ${usage.output} out${estimated}`);
  }
  parts.push(
    totalNanoUsd === undefined ? 'no price known' : dollars(totalNanoUsd),
    `${(durationMs / 1000).toFixed(1)} s`,
  );
  return parts.join(' · ');
}

function dollars(nanoUsd: number): string {
  const amount = nanoUsd / 1e9;
  return amount > 0 && amount < 1e-6 ? 'less than $0.000001' : `$${amount.toFixed(6).replace(/0{1,4}$/, '')}`;
}

function answerDocument(model: string, { text, finishReason }: ChatReply, record: RequestRecord | undefined) {
  return {
    model,
    text,
    finishReason,
    provider: record?.provider,
    providerModel: record?.model,
    route: record?.route,
    usage: record?.usage,
    usageSource: record?.usageSource,
    cost: record?.cost,
    durationMs: record?.durationMs,
  };
}
