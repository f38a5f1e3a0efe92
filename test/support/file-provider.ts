// A fake provider that all tests of a file ask.
import { createFakeProvider, type FakeProvider } from 'nexus-ai/testing';
import { afterAll, afterEach } from 'vitest';

export interface FileProvider {
  /** As new for each test. */
  readonly provider: FakeProvider;
  /** What a test puts here is closed after it, last first. */
  readonly closers: (() => Promise<unknown>)[];
}

/** To be called while a test file is read. */
export async function openFileProvider(): Promise<FileProvider> {
  const provider = await createFakeProvider();
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    provider.reset();
  });
  afterAll(() => provider.close());
  return { provider, closers };
}
