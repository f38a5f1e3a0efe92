import type { TextPart, Turn } from '../../canonical/request.ts';
import { customArguments, namespacedName } from '../../canonical/special-tool.ts';
import { TurnList } from '../../canonical/turn-list.ts';
import { decodeContent, decodeWords, untranslatable } from './content.ts';
import { openThought } from './thought.ts';
import type { InputItem, ResponsesRequest } from './wire.ts';

export interface Conversation {
  /** `instructions`, then system and developer messages in order, wherever they stood. */
  readonly system: TextPart[];
  readonly turns: Turn[];
}

/**
 * Records of what the vendor did or declared on its own side. The conversation reads on without them; they are left out
 * and named. All other unknown kinds are halves of an exchange with the client, or hold conversation, and are refused.
 */
const VENDOR_RECORDS = new Set<unknown>([
  'additional_tools',
  'code_interpreter_call',
  'file_search_call',
  'image_generation_call',
  'mcp_approval_request',
  'mcp_approval_response',
  'mcp_call',
  'mcp_list_tools',
  'program',
  'program_output',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
]);

/** Members with a canonical form, or that repeat what the place of the item says. */
const SILENT_MEMBERS = new Set([
  'type',
  'role',
  'content',
  'id',
  'status',
  'phase',
  'caller',
  'call_id',
  'name',
  'namespace',
  'output',
  'arguments',
  'input',
]);

/**
 * Flat items → turns. Consecutive thoughts, messages and calls of the model are one turn, in their order; so are
 * consecutive results and messages of the user, the results first. What gets lost is added to `unsupported`.
 */
export function decodeInput(request: ResponsesRequest, unsupported: Set<string>): Conversation {
  const system: TextPart[] = request.instructions ? [{ type: 'text', text: request.instructions }] : [];
  const turns = new TurnList();
  const callProofs = new Map<string, string>();
  const namespaces = declaredNamespaces(request);
  const input = request.input ?? [];
  if (typeof input === 'string') {
    if (input !== '') turns.add('user', { type: 'text', text: input });
    return { system, turns: turns.close() };
  }
  for (const [index, item] of input.entries()) {
    const path = `input[${index}]`;
    switch (item.type ?? 'message') {
      case 'message':
        nameLostMembers(item, unsupported);
        decodeMessage(item, path, system, turns);
        break;
      case 'reasoning': {
        const thought = openThought(item);
        if (thought.type === 'call_proof') callProofs.set(thought.callId, thought.signature);
        else if (thought.text !== '' || thought.redacted !== undefined || thought.signature !== undefined) {
          turns.add('assistant', thought);
        }
        break;
      }
      case 'function_call':
      case 'custom_tool_call': {
        nameLostMembers(item, unsupported);
        const { call_id: id = '', name = '', namespace } = item;
        const signature = callProofs.get(id);
        turns.add('assistant', {
          type: 'tool_call',
          id,
          // A namespace that only the vendor's own search for tools knows is no part of the function's name.
          name: namespace && namespaces.has(namespace) ? namespacedName(namespace, name) : name,
          arguments: item.arguments ?? customArguments(item.input ?? ''),
          ...(signature !== undefined && { signature }),
        });
        break;
      }
      case 'function_call_output':
      case 'custom_tool_call_output': {
        nameLostMembers(item, unsupported);
        const content = decodeContent(item.output ?? '', `${path}.output`);
        turns.addResult({ type: 'tool_result', callId: item.call_id ?? '', content, isError: false });
        break;
      }
      case 'item_reference':
        throw untranslatable(path, 'a reference to an item that is stored at OpenAI; send the item itself');
      default:
        if (!VENDOR_RECORDS.has(item.type)) throw untranslatable(`${path}.type`, 'this kind of item');
        unsupported.add(`input.${item.type}`);
    }
  }
  return { system, turns: turns.close() };
}

function declaredNamespaces({ tools }: ResponsesRequest): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, type } of tools ?? []) if (type === 'namespace' && name !== undefined) names.add(name);
  return names;
}

function decodeMessage(item: InputItem, path: string, system: TextPart[], turns: TurnList): void {
  const contentPath = `${path}.content`;
  switch (item.role) {
    case 'system':
    case 'developer':
      for (const part of decodeWords(item.content, contentPath)) {
        if (part.type === 'text') system.push(part);
      }
      return;
    case 'assistant':
      for (const part of decodeWords(item.content, contentPath)) turns.add('assistant', part);
      return;
    case 'user':
      for (const part of decodeContent(item.content ?? '', contentPath)) turns.add('user', part);
      return;
    default:
      throw untranslatable(path, 'a reference to an item that is stored at OpenAI; send the item itself');
  }
}

function nameLostMembers(item: InputItem, unsupported: Set<string>): void {
  for (const member in item) {
    if (!SILENT_MEMBERS.has(member) && item[member] !== null) unsupported.add(`input.${member}`);
  }
}
