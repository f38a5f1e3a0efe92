export async function POST(request: Request): Promise<Response> {
  return Response.json({ got: await request.json() });
}
