// What Amazon Bedrock's Converse refuses with a 400, as far as a router can get it wrong.
import type { FakeError } from './fake-rule.ts';
import { isObject, listOf, member } from './json-value.ts';

/** Members of ConverseRequest in the service model. */
const MEMBERS: ReadonlySet<string> = new Set(
  `messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables
   additionalModelResponseFieldPaths requestMetadata performanceConfig serviceTier outputConfig`.split(/\s+/),
);

const BLOCKS: ReadonlySet<string> = new Set(
  `text image document video audio toolUse toolResult guardContent cachePoint reasoningContent citationsContent
   searchResult`.split(/\s+/),
);

/** What a signature of version 4 looks like in its header. */
const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/[a-z0-9-]+\/bedrock\/aws4_request, SignedHeaders=[a-z0-9;:-]*\bhost\b[a-z0-9;:-]*, Signature=[0-9a-f]{64}$/;

export function isSigned(authorization: string | undefined): boolean {
  return SIGNED.test(authorization ?? '');
}

function refuse(message: string): FakeError {
  return { status: 400, message };
}

const blocksOf = (message: unknown) => listOf(member(message, 'content'));

/** The ids in blocks of one kind. */
function idsOf(message: unknown, kind: 'toolUse' | 'toolResult'): string[] {
  return blocksOf(message).flatMap((block) => {
    const id = member(member(block, kind), 'toolUseId');
    return typeof id === 'string' ? [id] : [];
  });
}

function refuseMessage(message: unknown, index: number): FakeError | undefined {
  const role = member(message, 'role');
  if (role !== (index % 2 === 0 ? 'user' : 'assistant')) {
    return refuse('A conversation must alternate between user and assistant roles, and start with the user.');
  }
  if (blocksOf(message).length === 0) {
    return refuse(`The content field in the Message object at messages.${index} is empty.`);
  }
  for (const [at, block] of blocksOf(message).entries()) {
    const place = `messages.${index}.content.${at}`;
    const kinds = isObject(block) ? Object.keys(block) : [];
    const [kind = ''] = kinds;
    if (kinds.length !== 1 || !BLOCKS.has(kind)) return refuse(`The ContentBlock at ${place} must have one member.`);
    const text = member(block, 'text');
    if (kind === 'text' && (typeof text !== 'string' || text.trim() === '')) {
      return refuse(`The text field in the ContentBlock object at ${place} is blank.`);
    }
    if (kind === 'toolUse' && !isObject(member(member(block, 'toolUse'), 'input'))) {
      return refuse(`The format of the value at ${place}.toolUse.input is invalid. Provide a json object.`);
    }
  }
  return undefined;
}

/** The results of the calls in one turn are the next turn, all of them. */
function refuseToolOrder(messages: readonly unknown[]): FakeError | undefined {
  let calls: string[] = [];
  for (const [index, message] of messages.entries()) {
    const results = idsOf(message, 'toolResult');
    if (results.some((id) => !calls.includes(id)) || calls.some((id) => !results.includes(id))) {
      const text = 'Expected toolResult blocks for exactly the toolUse blocks of the previous turn';
      return refuse(`${text} at messages.${index}.content.`);
    }
    calls = idsOf(message, 'toolUse');
  }
  return undefined;
}

/** Why the service would refuse this body; undefined where it would not. */
export function refuseBedrock(body: unknown): FakeError | undefined {
  if (!isObject(body)) return refuse('The request body is not valid JSON.');
  const unknown = Object.keys(body).find((name) => !MEMBERS.has(name));
  if (unknown !== undefined) return refuse(`Unknown member: ${unknown}`);
  const messages = listOf(body['messages']);
  if (messages.length === 0) return refuse('A conversation must start with a user message.');
  for (const [index, message] of messages.entries()) {
    const refusal = refuseMessage(message, index);
    if (refusal !== undefined) return refusal;
  }
  if (messages.some((one) => idsOf(one, 'toolUse').length > 0) && body['toolConfig'] === undefined) {
    return refuse('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  }
  return refuseToolOrder(messages);
}
