import { configIssues, type LoadedConfig, readConfig } from '../core/config/index.ts';
import { type Console, writeJson } from './console.ts';
import { reportProblems } from './report.ts';

/** `nexus check`: judges a configuration file. Returns the exit status. */
export function runCheck(file: string, console: Console, json = false): number {
  let loaded: LoadedConfig;
  try {
    loaded = readConfig(file, { env: console.env });
  } catch (error) {
    const problems = configIssues(error);
    if (!json || problems.length === 0) reportProblems(error, file, console.stderr);
    else writeJson(console.stdout, { file, valid: false, problems, warnings: [] });
    return 1;
  }
  const { parsed, warnings } = loaded;
  const providers = Object.values(parsed.llm.providers);
  const counts = {
    providers: providers.length,
    models: providers.reduce((count, provider) => count + Object.keys(provider.models).length, 0),
    routes: Object.keys(parsed.llm.routes).length,
    mcpServers: Object.keys(parsed.mcp.servers).length,
  };
  if (json) {
    writeJson(console.stdout, { file, valid: true, problems: [], warnings, ...counts });
    return 0;
  }
  for (const warning of warnings) console.stderr.write(`${file}: warning: ${warning}\n`);
  const more = [
    ...(counts.routes === 0 ? [] : [counted(counts.routes, 'route')]),
    ...(counts.mcpServers === 0 ? [] : [counted(counts.mcpServers, 'MCP server')]),
  ];
  const parts = [counted(counts.providers, 'provider'), `${counted(counts.models, 'model')} listed`, ...more];
  console.stdout.write(`${file} is valid: ${parts.join(', ')}\n`);
  return 0;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
