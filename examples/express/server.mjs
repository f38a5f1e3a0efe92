// An Express application with an AI router in it: one mount, next to your own routes.
//
//   OPENAI_API_KEY=sk-... node examples/express/server.mjs
import express from 'express';
import { nexus } from 'nexus-ai/express';

const { OPENAI_API_KEY = 'demo', OPENAI_BASE_URL = 'https://api.openai.com/v1', PORT = '3000' } = process.env;

// #region mount
const app = express();

app.get('/', (_request, response) => {
  response.send('The application itself.');
});

app.use(
  nexus({
    llm: {
      providers: {
        openai: { type: 'openai', apiKey: OPENAI_API_KEY, baseUrl: OPENAI_BASE_URL },
      },
    },
  }),
);
// #endregion mount

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
