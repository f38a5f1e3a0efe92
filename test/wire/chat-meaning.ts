import { type Loose, loose } from './meaning.ts';

/*
 * What recorded chat completions say, read in the plainest way and independently of the code under test.
 */

export const str = (value: unknown) => (typeof value === 'string' ? value : '');

/** What an answer says. */
export interface Said {
  id: string;
  model: string;
  text: string;
  reasoning: string;
  refusal: string;
  proofs: string[];
  calls: { id: string; name: string; json: string }[];
  finish: string;
  usage: Record<string, number> | undefined;
}

const num = (value: unknown) => (typeof value === 'number' ? value : 0);

function usageIn(usage: Loose | undefined | null): Said['usage'] {
  if (!usage || typeof usage !== 'object') return undefined;
  const cached =
    usage['prompt_tokens_details']?.['cached_tokens'] ??
    usage['cached_tokens'] ??
    usage['prompt_cache_hit_tokens'] ??
    usage['num_cached_tokens'];
  const told = usage['completion_tokens_details']?.['reasoning_tokens'];
  const beyond = num(usage['total_tokens']) - num(usage['prompt_tokens']) - num(usage['completion_tokens']);
  // Google's compatible host leaves the thoughts out of the completion and counts them in the total only.
  const unseen = beyond > 0 && (told === undefined || num(told) === beyond) ? beyond : 0;
  return {
    input: num(usage['prompt_tokens']),
    output: num(usage['completion_tokens']) + unseen,
    cacheRead: num(cached),
    reasoning: Math.max(num(told), unseen),
  };
}

const CALLING = ['tool_calls', 'function_call'];
const CUT = ['length', 'content_filter'];

/** The plain reading of a finish: the host's own word where it is one of the published, else what the answer holds. */
function finishIn(native: unknown, hasCalls: boolean): string {
  if (CALLING.includes(str(native))) return 'tool_calls';
  if (CUT.includes(str(native))) return str(native);
  return hasCalls ? 'tool_calls' : 'stop';
}

function addMember(said: Said, member: Loose | undefined): void {
  if (!member) return;
  const content: unknown = member['content'];
  if (typeof content === 'string') said.text += content;
  else {
    for (const part of loose(content) ?? []) {
      if (str(part['type']) === 'text') said.text += str(part['text']);
      if (str(part['type']) === 'thinking')
        for (const piece of part['thinking'] ?? []) said.reasoning += str(piece['text']);
    }
  }
  const plain = str(member['reasoning_content']) || str(member['reasoning']);
  const details = [...(member['reasoning_details'] ?? [])];
  const told = details.map((detail) => str(detail['text']) || str(detail['summary'])).join('');
  said.reasoning += plain || told;
  for (const detail of details) {
    const proof = str(detail['signature']) || str(detail['data']);
    if (proof) said.proofs.push(`${str(detail['format']).split('-')[0]}:${proof}`);
  }
  said.refusal += str(member['refusal']);
}

export const nothingSaid = (): Said => ({
  id: '',
  model: '',
  text: '',
  reasoning: '',
  refusal: '',
  proofs: [],
  calls: [],
  finish: '',
  usage: undefined,
});

export function recordedAnswer(body: Loose): Said {
  const said = nothingSaid();
  said.id = str(body['id']);
  said.model = str(body['model']);
  const message = body['choices']?.[0]?.['message'];
  addMember(said, message);
  for (const call of message?.['tool_calls'] ?? []) {
    // A tool that is not a function.
    if (!call['function']) continue;
    const { name, arguments: json } = loose(call['function'] ?? {}) as Loose;
    said.calls.push({ id: str(call['id']), name: str(name), json: str(json) });
  }
  const legacy = message?.['function_call'];
  if (legacy && str(legacy['name']))
    said.calls.push({ id: '', name: str(legacy['name']), json: str(legacy['arguments']) });
  said.finish = finishIn(body['choices']?.[0]?.['finish_reason'], said.calls.length > 0);
  said.usage = usageIn(body['usage']);
  return said;
}

export function recordedStream(text: string): Said {
  const said = nothingSaid();
  let native = '';
  const calls = new Map<number, Said['calls'][number]>();
  for (const [, data = ''] of text.matchAll(/^data: ?(.*)$/gm)) {
    if (data.trim() === '[DONE]') continue;
    const chunk: Loose = JSON.parse(data);
    if (chunk['error']) continue;
    said.id ||= str(chunk['id']);
    said.model ||= str(chunk['model']);
    said.usage = usageIn(chunk['usage']) ?? usageIn(chunk['x_groq']?.['usage']) ?? said.usage;
    const choice = chunk['choices']?.[0];
    if (!choice) continue;
    addMember(said, choice['delta']);
    for (const piece of choice['delta']?.['tool_calls'] ?? []) {
      const index = num(piece['index']);
      const call = calls.get(index) ?? { id: str(piece['id']), name: str(piece['function']?.['name']), json: '' };
      call.json += str(piece['function']?.['arguments']);
      calls.set(index, call);
    }
    native = str(choice['finish_reason']) || native;
  }
  said.calls = [...calls.values()];
  said.finish = finishIn(native, calls.size > 0);
  return said;
}
