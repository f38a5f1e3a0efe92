import { ai } from '../../lib/ai.ts';

export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  return Response.json(await ai.instance.mcp.execute('local__count', {}));
}
