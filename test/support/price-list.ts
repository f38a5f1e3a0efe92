// Loaded before every test file. The first record of a process waits for the price list; tests that look at records right
// after the answer would meet that wait by chance.
import { openBook } from '../../src/core/llm/metering/prices/open-book.ts';

await openBook(undefined, (error) => {
  throw error;
});
