import type { McpServerInfo, McpTool } from '../core/index.ts';
import type { ToolsInvocation } from './arguments.ts';
import { columns } from './columns.ts';
import { type Console, INTERRUPTED, type Paint, paintFor, writeJson } from './console.ts';
import { openInstance } from './instance.ts';
import { untilStop, withProgress } from './progress.ts';

const LONGEST_DESCRIPTION = 100;

/**
 * `nexus tools`: connects the MCP servers and lists their tools, or searches them. Returns the exit status: 1 where a
 * server could not be connected.
 */
export async function runTools(asked: ToolsInvocation, console: Console): Promise<number> {
  await using opened = await openInstance(asked.config, console, { group: asked.group });
  if (opened === undefined) return 1;
  const connecting = untilStop(console, opened.nexus.mcp.servers());
  const servers = await withProgress(console, 'Connecting the MCP servers', connecting);
  if (servers === undefined) return INTERRUPTED;
  const { query, json } = asked;
  const paint = paintFor(console.stdout, console.env);
  if (query === undefined) {
    if (json) writeJson(console.stdout, { servers });
    else console.stdout.write(servers.map((server) => serverText(server, paint)).join('\n'));
  } else {
    const tools = await opened.clients.mcp.search(query);
    if (json) writeJson(console.stdout, { tools });
    else console.stdout.write(linesOf(tools));
    if (!json && tools.length === 0) console.stderr.write(`No tool fits "${query}"\n`);
  }
  const down = servers.filter(({ state }) => state !== 'ready');
  if (!json) {
    if (servers.length === 0) console.stderr.write('No MCP server is configured\n');
    for (const { name, state, problem } of down) console.stderr.write(`${name}: is ${state}${because(problem)}\n`);
  }
  return down.length === 0 ? 0 : 1;
}

function serverText({ name, state, tools }: McpServerInfo, paint: Paint): string {
  const count = `${tools.length} tool${tools.length === 1 ? '' : 's'}`;
  return `${paint.bold(name)}  ${state}, ${count}\n${linesOf(tools)}`;
}

function linesOf(tools: readonly Pick<McpTool, 'name' | 'description'>[]): string {
  const lines = columns(tools.map(({ name, description = '' }) => [name, firstLine(description)]));
  return lines.map((line) => `${line}\n`).join('');
}

function firstLine(text: string): string {
  // Words of a foreign server: nothing of them may steer the terminal.
  const line = (text.trim().split('\n', 1)[0] ?? '').replaceAll(/\p{Cc}/gu, ' ');
  return line.length <= LONGEST_DESCRIPTION ? line : `${line.slice(0, LONGEST_DESCRIPTION - 1)}…`;
}

function because(problem: string | undefined): string {
  return problem === undefined ? '' : `: ${problem}`;
}
