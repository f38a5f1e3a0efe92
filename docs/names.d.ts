// What the programs of the documentation take for granted: names that every reader has, or that an earlier block made.
import type * as nexusAi from 'nexus-ai';
import type * as nexusAiNext from 'nexus-ai/next';

declare global {
  const createNexus: typeof nexusAi.createNexus;
  const config: nexusAi.NexusConfig;
  const instance: nexusAi.Nexus;
  /** In docs/guide/hosts.md. */
  const nexus: typeof nexusAiNext.nexus;
}
