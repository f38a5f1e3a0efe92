import type { CanonicalEvent } from './event.ts';
import type { CanonicalResponse, ResponsePart } from './response.ts';

/** A whole answer → the events that would have streamed it, from `start` to `end`. */
export function unfold(response: CanonicalResponse): CanonicalEvent[] {
  const { id, model, parts, finish, logprobs, safety, stopSequence, usage } = response;
  const events: CanonicalEvent[] = [{ type: 'start', id, model }];
  const firstWords = logprobs && parts.find(({ type }) => type === 'text' || type === 'refusal');
  let calls = 0;
  for (const part of parts) {
    if (logprobs !== undefined && part === firstWords) events.push({ type: 'logprobs', tokens: logprobs });
    unfoldPart(part, calls, events);
    if (part.type === 'tool_call') calls += 1;
  }
  if (safety !== undefined) events.push({ type: 'safety', report: safety });
  events.push({ type: 'finish', reason: finish, ...(stopSequence !== undefined && { stopSequence }) });
  if (usage !== undefined) events.push({ type: 'usage', usage });
  events.push({ type: 'end' });
  return events;
}

function unfoldPart(part: ResponsePart, index: number, events: CanonicalEvent[]): void {
  switch (part.type) {
    case 'text':
      events.push({ type: 'text', text: part.text });
      for (const citation of part.citations ?? []) events.push({ type: 'citation', citation });
      events.push({ type: 'text_end' });
      break;
    case 'refusal':
      events.push({ type: 'refusal', text: part.text });
      break;
    case 'reasoning': {
      const { text, type: _, ...proof } = part;
      if (text !== '') events.push({ type: 'reasoning', text });
      events.push({ ...proof, type: 'reasoning_end' });
      break;
    }
    case 'tool_call': {
      const { id, name, signature, arguments: json } = part;
      events.push({ type: 'tool_call', index, id, name, ...(signature !== undefined && { signature }) });
      if (json !== '') events.push({ type: 'tool_arguments', index, json });
      break;
    }
    case 'media':
      events.push({ type: 'media', media: part });
  }
}
