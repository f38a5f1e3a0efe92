// What Anthropic's messages API refuses with a 400, as far as a router can get it wrong.
import type { AnthropicError } from './anthropic-answers.ts';
import type { FakeError } from './fake-rule.ts';
import { isObject, type JsonObject, listOf, member } from './json-value.ts';

/** Top-level members of MessageCreateParams and of its beta variant in the official SDK's type declarations. */
const MEMBERS: ReadonlySet<string> = new Set(
  `cache_control container diagnostics inference_geo max_tokens messages metadata model output_config service_tier
   speed stop_sequences stream system temperature thinking tool_choice tools top_k top_p user_profile_id workspace_id
   billing_policy compaction context_management fallback_credit_token fallbacks mcp_servers output_format
   thread`.split(/\s+/),
);

function refuse(message: string): FakeError {
  return { status: 400, message };
}

function refuseTopLevel(body: JsonObject): FakeError | undefined {
  for (const name of ['model', 'messages', 'max_tokens']) {
    if (body[name] === undefined) return refuse(`${name}: Field required`);
  }
  const { model, max_tokens: maxTokens, stream, temperature } = body;
  if (typeof model !== 'string' || model === '') return refuse('model: Input should be a valid string');
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens)) {
    return refuse('max_tokens: Input should be a valid integer');
  }
  if (maxTokens < 1) return refuse('max_tokens: Input should be greater than or equal to 1');
  const unknown = Object.keys(body).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refuse(`${unknown}: Extra inputs are not permitted`);
  if (stream !== undefined && typeof stream !== 'boolean') return refuse('stream: Input should be a valid boolean');
  if (typeof temperature === 'number' && temperature > 1) {
    return refuse('temperature: Input should be less than or equal to 1');
  }
  return undefined;
}

/** This provider keeps no conversations; the vendor says so of models that cannot. */
function refuseThread({ thread }: JsonObject): AnthropicError | undefined {
  if (thread === undefined || thread === null) return undefined;
  const details = { error_code: 'thread_unsupported_request', unsupported: ['model'] };
  return { ...refuse('thread: this model does not support message threads'), details };
}

interface Turn {
  readonly role: unknown;
  /** Place of its last message. */
  last: number;
  readonly uses: unknown[];
  readonly results: { readonly id: unknown; readonly at: string }[];
}

/** Neighbours of one role are one turn: the vendor merges them. */
function turnsOf(messages: readonly unknown[]): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const role = member(message, 'role');
    // A system message in the middle, which a beta allows, stands outside the turns.
    if (role === 'system') continue;
    if (turns.at(-1)?.role !== role) turns.push({ role, last: index, uses: [], results: [] });
    const turn = turns.at(-1);
    if (turn === undefined) continue;
    turn.last = index;
    for (const [place, block] of listOf(member(message, 'content')).entries()) {
      const type = member(block, 'type');
      if (type === 'tool_use' && role === 'assistant') turn.uses.push(member(block, 'id'));
      const at = `messages.${index}.content.${place}`;
      if (type === 'tool_result') turn.results.push({ id: member(block, 'tool_use_id'), at });
    }
  }
  return turns;
}

/** A tool_result answers a tool_use of the turn before it, and each tool_use is answered in the turn after it. */
function refuseToolOrder(messages: readonly unknown[]): FakeError | undefined {
  let before: Turn | undefined;
  for (const turn of turnsOf(messages)) {
    const known = new Set(before?.uses);
    const stray = turn.results.find(({ id }) => !known.has(id));
    if (stray !== undefined) {
      return refuse(
        `${stray.at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(stray.id)}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    const answered = new Set(turn.results.map(({ id }) => id));
    const missing = before?.uses.filter((id) => !answered.has(id)) ?? [];
    if (missing.length > 0) {
      return refuse(
        `messages.${before?.last ?? 0}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
    before = turn;
  }
  return undefined;
}

function refuseContent(content: unknown, at: string): FakeError | undefined {
  if (typeof content === 'string') return undefined;
  if (!Array.isArray(content)) return refuse(`${at}.content: Input should be a valid list`);
  for (const [index, block] of listOf(content).entries()) {
    const type = member(block, 'type');
    if (typeof type !== 'string') return refuse(`${at}.content.${index}.type: Field required`);
    if (type === 'text' && member(block, 'text') === '')
      return refuse('messages: text content blocks must be non-empty');
  }
  return undefined;
}

function refuseMessages(value: unknown, beta: boolean): FakeError | undefined {
  if (!Array.isArray(value)) return refuse('messages: Input should be a valid list');
  if (value.length === 0) return refuse('messages: at least one message is required');
  for (const [index, message] of listOf(value).entries()) {
    const at = `messages.${index}`;
    if (!isObject(message)) return refuse(`${at}: Input should be an object`);
    const { role, content } = message;
    if (role === 'system' && !beta) {
      return refuse(
        'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
      );
    }
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      return refuse(`${at}.role: Input should be 'user' or 'assistant'`);
    if (content === undefined) return refuse(`${at}.content: Field required`);
    const refusal = refuseContent(content, at);
    if (refusal !== undefined) return refusal;
  }
  return refuseToolOrder(value);
}

/**
 * Why the vendor would refuse this body; undefined where it would not. `beta` says whether the request carries an
 * `anthropic-beta` header: one of them allows system messages among the turns.
 */
export function refuseAnthropic(body: unknown, beta = false): FakeError | undefined {
  if (!isObject(body)) return refuse('Input should be a valid dictionary or object to extract fields from');
  return refuseTopLevel(body) ?? refuseThread(body) ?? refuseMessages(body['messages'], beta);
}
