import type { Part, TextPart, Turn } from '../../canonical/request.ts';
import { isAbsent } from '../field-check.ts';
import { decodeContent, decodeTexts } from './decode-content.ts';
import type { ClientRequest } from './wire.ts';

export interface Conversation {
  /** The system prompt, then what system messages say, wherever they stand. */
  readonly system: TextPart[];
  readonly turns: Turn[];
}

const MAPPED_MEMBERS = new Set(['role', 'content']);

/**
 * System prompt and messages → turns. Neighbours on one side of the conversation become one turn, and a turn of the user
 * begins with its tool results. Members that get lost are added to `unsupported`.
 */
export function decodeConversation(request: ClientRequest, unsupported: Set<string>): Conversation {
  const system = decodeTexts(request.system, 'system', unsupported);
  const turns: Turn[] = [];
  for (const [index, message] of request.messages.entries()) {
    for (const member in message) {
      if (!MAPPED_MEMBERS.has(member) && !isAbsent(message[member])) unsupported.add(`messages.${member}`);
    }
    const path = `messages[${index}].content`;
    if (message.role === 'system') {
      for (const part of decodeTexts(message.content, path, unsupported)) system.push(part);
      continue;
    }
    const parts = decodeContent(message.content, path, unsupported);
    const last = turns.at(-1);
    if (last?.role === message.role) for (const part of parts) last.parts.push(part);
    else if (parts.length > 0) turns.push({ role: message.role, parts });
  }
  return { system, turns: turns.map(resultsFirst) };
}

function resultsFirst(turn: Turn): Turn {
  if (turn.role === 'assistant') return turn;
  const isResult = (part: Part) => part.type === 'tool_result';
  return { role: turn.role, parts: [...turn.parts.filter(isResult), ...turn.parts.filter((part) => !isResult(part))] };
}
