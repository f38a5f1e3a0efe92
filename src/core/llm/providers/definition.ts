import type { ProtocolId } from '../protocols/protocol.ts';

/** What makes a vendor: where it is, what it speaks, how it wants its key. Data, so that a vendor is a few lines. */
export interface ProviderDefinition {
  /** The `type` in the configuration. */
  readonly kind: string;
  readonly protocol: ProtocolId;
  readonly baseUrl: string;
  /** Path of the model call below the base URL. */
  readonly path: string;
  /** Headers that carry the key, names and values in turn. */
  readonly authorize: (key: string) => readonly string[];
  /** Client headers that mean something to this vendor and hold no credential; passed on as they come. */
  readonly clientHeaders: readonly string[];
}
