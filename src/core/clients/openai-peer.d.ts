// The types of the package `openai`, an optional peer, for our declarations: `#openai` in the sources, the path of a copy in what is built. An
// application without it compiles all the same, and has `any` in their place.

// @ts-ignore: the package may be missing, which is what this file is for
export type { APIPromise, ClientOptions, OpenAI } from 'openai';
