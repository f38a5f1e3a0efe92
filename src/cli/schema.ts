import type { Console } from './console.ts';
import { packageText } from './package-files.ts';

/** `nexus schema`: prints the JSON Schema of a configuration file. Returns the exit status. */
export async function runSchema(console: Console): Promise<number> {
  const text = await packageText('schema/nexus.schema.json');
  if (text === undefined) {
    console.stderr.write('The schema is missing from this installation of nexus-ai\n');
    return 1;
  }
  console.stdout.write(text);
  return 0;
}
