import { nexus } from 'nexus-ai/next';

let calls = 0;

export const ai = nexus(
  {
    llm: {
      discovery: { enabled: false },
      providers: {
        openai: { type: 'openai', apiKey: 'sk-upstream-openai', baseUrl: `${process.env['UPSTREAM']}/v1` },
        google: { type: 'google', apiKey: 'sk-upstream-google', baseUrl: `${process.env['UPSTREAM']}/v1beta` },
      },
    },
  },
  {
    basePath: '/docs/api/ai',
    tools: {
      count: { description: 'Counts its calls', run: () => String(++calls) },
      whoami: { description: 'Says who calls', run: (_args, { principal }) => principal?.id ?? 'nobody' },
    },
    identify(_exchange, raw) {
      const user = (raw as Request).headers.get('x-host-user');
      return user === null ? undefined : { id: user };
    },
  },
);
