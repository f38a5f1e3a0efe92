// What the fake provider says when no rule told it what to say: the same answer to the same request, always.
import type { FakeReply } from './fake-rule.ts';
import { isObject } from './json-value.ts';
import type { DeclaredTool, Question } from './question.ts';
import { exampleOf } from './schema-example.ts';

const QUOTED_CHARACTERS = 200;
const CHARACTERS_PER_TOKEN = 4;

function quote(text: string): string {
  const characters = Array.from(text.slice(0, QUOTED_CHARACTERS * 2));
  return characters.length > QUOTED_CHARACTERS ? `${characters.slice(0, QUOTED_CHARACTERS).join('')}…` : text;
}

/** Whether the prompt speaks of a tool: it holds its name, or a word of it of four letters or more. */
function isAskedFor(tool: DeclaredTool, prompt: string): boolean {
  const name = tool.name.toLowerCase();
  return (
    prompt.includes(name) || name.split(/[^\p{L}\p{N}]+/u).some((word) => word.length >= 4 && prompt.includes(word))
  );
}

function chooseTool({ tools, toolChoice, prompt, toolResult }: Question): DeclaredTool | undefined {
  if (toolChoice === 'none') return undefined;
  if (typeof toolChoice === 'object') return tools.find((tool) => tool.name === toolChoice.name);
  const asked = tools.find((tool) => isAskedFor(tool, prompt.toLowerCase()));
  if (toolChoice === 'required') return asked ?? tools[0];
  return toolResult === undefined ? asked : undefined;
}

/** Cuts a text to the request's own limit, as the vendor would. */
function limited(text: string, maxTokens: number | undefined): FakeReply {
  const most = (maxTokens ?? Number.POSITIVE_INFINITY) * CHARACTERS_PER_TOKEN;
  return text.length <= most ? { text } : { text: text.slice(0, most), finish: 'length' };
}

/**
 * - A request whose last turn brings a tool's result is answered in text that quotes it.
 * - A request that declares tools gets a call of the first one its prompt speaks of (or that `tool_choice` demands),
 *   with arguments that satisfy the required part of the tool's schema.
 * - Any other request gets a text that quotes the first 200 characters of the last user message.
 */
export function defaultReply(question: Question): FakeReply {
  const tool = chooseTool(question);
  if (tool !== undefined) {
    const example = exampleOf(tool.schema ?? { type: 'object' });
    return { toolCalls: [{ name: tool.name, arguments: isObject(example) ? example : {} }] };
  }
  const { toolResult, prompt, maxTokens } = question;
  const echo = toolResult === undefined ? `You said: "${quote(prompt)}"` : `The tool answered: "${quote(toolResult)}"`;
  return limited(`Hello from the Nexus demo provider; no model was called. ${echo}`, maxTokens);
}
