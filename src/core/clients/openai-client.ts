// OpenAI's own client on top of an instance: no socket, no key, no address to configure.
import { NexusError } from '../errors/nexus-error.ts';
import type { NexusOpenAI, OpenAIOptions } from './openai-types.ts';

/**
 * What differs from the client's own defaults: the router tries again itself, and what the environment says of an account
 * at OpenAI is not meant for it.
 */
const DEFAULTS = { apiKey: 'in-process', organization: null, project: null, maxRetries: 0 } as const;

/** Rejects with `config_invalid` where the package `openai` is not installed. */
export async function openaiClient<Model extends string>(
  baseURL: string,
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>,
  options: OpenAIOptions = {},
): Promise<NexusOpenAI<Model>> {
  const { OpenAI } = await load();
  return new OpenAI({ ...DEFAULTS, ...options, baseURL, fetch });
}

async function load() {
  try {
    return await import('openai');
  } catch (cause) {
    const message = 'nexus.openai() needs the package openai; install it beside nexus-ai: npm install openai';
    throw new NexusError('config_invalid', message, { cause });
  }
}
