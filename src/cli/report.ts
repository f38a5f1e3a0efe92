import { configIssues, formatIssue } from '../core/config/index.ts';
import type { Output } from './console.ts';

/** Writes every problem on its own line, as compilers do. Rethrows what is no problem of a configuration. */
export function reportProblems(error: unknown, file: string, output: Output): void {
  const issues = configIssues(error);
  if (issues.length === 0) throw error;
  const hint = issues[0]?.message === 'file not found' ? "; 'nexus init' writes one" : '';
  output.write(issues.map((issue) => `${file}: ${formatIssue(issue)}${hint}\n`).join(''));
}
