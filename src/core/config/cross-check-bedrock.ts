// What a provider of type bedrock takes, and what the others have no use for.
import type * as z from 'zod';
import type { CrossIssue } from './cross-check.ts';
import type { configSchema } from './schema/root.ts';

type GivenProvider = z.output<typeof configSchema>['llm']['providers'][string];

const OWN_KEYS = ['region', 'accessKeyId', 'secretAccessKey', 'sessionToken', 'profile', 'guardrail'] as const;

export function bedrockIssues(name: string, provider: GivenProvider): CrossIssue[] {
  const path = ['llm', 'providers', name];
  const at = (key: string, message: string): CrossIssue => ({ path: [...path, key], message });
  if (provider.type !== 'bedrock') {
    return OWN_KEYS.filter((key) => provider[key] !== undefined).map((key) =>
      at(key, `has no meaning for a provider of type "${provider.type}"`),
    );
  }
  return [...foreignKeys(path, provider), ...credentialIssues(provider, at)];
}

/** Requests are signed with keys of their own, and a signed request must not be changed. */
function foreignKeys(path: readonly string[], provider: GivenProvider): CrossIssue[] {
  const issues: CrossIssue[] = [];
  if (provider.apiKey !== undefined) {
    const message = 'has no meaning for bedrock, which signs with accessKeyId and secretAccessKey';
    issues.push({ path: [...path, 'apiKey'], message });
  }
  if (provider.forwardToken) {
    const message = 'is not possible for bedrock: requests are signed, so a key of the client cannot be passed on';
    issues.push({ path: [...path, 'forwardToken'], message });
  }
  const rules = 'are not possible for bedrock: its requests are signed as they are';
  if (provider.headers.length > 0) issues.push({ path: [...path, 'headers'], message: rules });
  for (const [id, { headers }] of Object.entries(provider.models)) {
    if (headers.length > 0) issues.push({ path: [...path, 'models', id, 'headers'], message: rules });
  }
  return issues;
}

function credentialIssues(
  { accessKeyId, secretAccessKey, sessionToken, profile }: GivenProvider,
  at: (key: string, message: string) => CrossIssue,
): CrossIssue[] {
  const issues: CrossIssue[] = [];
  if (accessKeyId !== undefined && secretAccessKey === undefined) {
    issues.push(at('secretAccessKey', 'is required beside accessKeyId: the two are one credential'));
  }
  if (secretAccessKey !== undefined && accessKeyId === undefined) {
    issues.push(at('accessKeyId', 'is required beside secretAccessKey: the two are one credential'));
  }
  if (accessKeyId === undefined && secretAccessKey === undefined && sessionToken !== undefined) {
    issues.push(at('sessionToken', 'has no meaning without accessKeyId and secretAccessKey'));
  }
  if (profile !== undefined && (accessKeyId !== undefined || secretAccessKey !== undefined)) {
    issues.push(at('profile', 'and keys exclude each other; give one of them'));
  }
  return issues;
}
