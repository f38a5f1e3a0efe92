import { expect, it } from 'vitest';
import { CHAT_FIELDS } from '../../src/core/llm/protocols/openai-chat/fields.ts';
import { publishedSchema } from './corpus.ts';

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  allOf?: Schema[];
}

/** Top-level members of `CreateChatCompletionRequest`, through its references. */
function publishedFields(): string[] {
  const definitions: Record<string, Schema> = publishedSchema('openai-request')['$defs'];
  const names: string[] = [];
  const visit = (schema: Schema | undefined): void => {
    if (schema === undefined) return;
    names.push(...Object.keys(schema.properties ?? {}));
    if (schema.$ref) visit(definitions[schema.$ref.slice('#/$defs/'.length)]);
    for (const part of schema.allOf ?? []) visit(part);
  };
  visit(definitions['CreateChatCompletionRequest']);
  return names;
}

it('has a decision for every published field of a chat completion request, and a reason where it stays silent', () => {
  const published = publishedFields();
  expect(published.length).toBeGreaterThan(30);
  expect(published.filter((name) => !CHAT_FIELDS.has(name))).toEqual([]);
  expect([...CHAT_FIELDS.keys()].filter((name) => !published.includes(name))).toEqual([]);
  for (const [name, { fate }] of CHAT_FIELDS) {
    if (fate.kind === 'harmless') expect(fate.because, name).toMatch(/\w+ \w+ \w+/);
  }
});
