// A Koa application with an AI router in it: one middleware, next to your own.
//
//   OPENAI_API_KEY=sk-... node examples/koa/server.mjs
import Koa from 'koa';
import { nexus } from 'nexus-ai/koa';

const { OPENAI_API_KEY = 'demo', OPENAI_BASE_URL = 'https://api.openai.com/v1', PORT = '3000' } = process.env;

const app = new Koa();

app.use(
  nexus({
    llm: {
      providers: {
        openai: { type: 'openai', apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL },
      },
    },
  }),
);

app.use((ctx) => {
  ctx.body = 'The application itself.';
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
