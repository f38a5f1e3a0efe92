// Apart from the others: @types/koa does not compile under strict settings of its own.
import Koa from 'koa';
import { createNexus } from 'nexus-ai';
import { nexus } from 'nexus-ai/koa';

const instance = createNexus({ llm: { providers: { openai: { type: 'openai', apiKey: 'test' } } } });
new Koa().use(nexus(instance));
