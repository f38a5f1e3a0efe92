// What no single value shows: keys that contradict each other, and configurations that would do nothing.
import type * as z from 'zod';
import type { ParsedConfig } from './resolve.ts';
import type { configSchema } from './schema/root.ts';

type Given = z.output<typeof configSchema>;
type Models = Given['llm']['providers'][string]['models'];

/** An issue whose path is still in camelCase segments. */
export interface CrossIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export interface CrossFindings {
  readonly issues: readonly CrossIssue[];
  readonly warnings: readonly CrossIssue[];
}

const VENDOR_MODEL = /^(?:gpt-|chatgpt-|o[1-9](?:-|$)|claude-)/;

/** `given` is the configuration as validated, before defaults that depend on other keys. */
export function crossCheck(given: Given, config: ParsedConfig): CrossFindings {
  const issues: CrossIssue[] = [];
  const warnings: CrossIssue[] = [];
  checkLlmPath(given.llm, issues, warnings);
  for (const [name, provider] of Object.entries(given.llm.providers)) {
    warnings.push(...reversedRenames(name, provider.models));
    for (const [id, model] of Object.entries(provider.models)) {
      const path = ['llm', 'providers', name, 'models', id];
      if (model.rename !== undefined && model.upstream !== undefined) {
        issues.push({ path, message: 'rename and upstream say the same thing; give one of them' });
      }
      if (model.maxTokens !== undefined) {
        warnings.push({ path: [...path, 'maxTokens'], message: 'has no effect and can be removed' });
      }
    }
  }
  if (config.llm.enabled && Object.keys(config.llm.providers).length > 0) {
    if (config.llm.protocols.openai.enabled) checkHealthPath(config, issues);
    else
      issues.push({
        path: ['llm', 'protocols'],
        message: 'no protocol is enabled, so nobody could reach the providers',
      });
  }
  return { issues, warnings };
}

/** Whether there is anything to serve. */
export function hasUpstream(config: ParsedConfig): boolean {
  return config.llm.enabled && Object.keys(config.llm.providers).length > 0;
}

function checkLlmPath(llm: Given['llm'], issues: CrossIssue[], warnings: CrossIssue[]): void {
  if (llm.path === undefined) return;
  const path = ['llm', 'path'];
  const current = llm.protocols.openai.path;
  if (current !== undefined && current !== llm.path) {
    issues.push({
      path,
      message: 'is the old name of llm.protocols.openai.path, and the two differ; keep one of them',
    });
  } else {
    warnings.push({ path, message: 'is deprecated; use llm.protocols.openai.path' });
  }
}

/** The health endpoint must not hide, or be hidden by, an endpoint of the protocol. */
function checkHealthPath(config: ParsedConfig, issues: CrossIssue[]): void {
  const { enabled, path } = config.server.health;
  if (!enabled) return;
  for (const prefix of config.llm.protocols.openai.paths) {
    const taken = path === prefix || ['/v1', '/models', '/chat'].some((name) => isBelow(path, `${prefix}${name}`));
    if (!taken) continue;
    issues.push({ path: ['server', 'health', 'path'], message: `"${path}" is already a path of llm.protocols.openai` });
    return;
  }
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

/**
 * The key of a model is its public name. `rename` written the other way round is a common mistake; `upstream` cannot be
 * misread.
 */
function reversedRenames(name: string, models: Models): CrossIssue[] {
  const warnings: CrossIssue[] = [];
  for (const [id, { rename }] of Object.entries(models)) {
    if (rename === undefined || rename === id || VENDOR_MODEL.test(rename)) continue;
    if (!Object.hasOwn(models, rename) && !VENDOR_MODEL.test(id)) continue;
    const path = ['llm', 'providers', name, 'models', id];
    const message = `clients will call this model "${id}", and the provider gets "${rename}"; swap the two names, or write upstream instead of rename to say that it is meant`;
    warnings.push({ path, message });
  }
  return warnings;
}
