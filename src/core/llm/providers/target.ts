import type { Provider } from './provider.ts';

/** Where one call goes. */
export interface Target {
  readonly provider: Provider;
  /** The model's part of the id: as the client or the route names it after the provider's name. */
  readonly alias: string;
  /** The vendor's name of the model. */
  readonly model: string;
  /** The configuration gave the model another name: the client must go on seeing the one it used. */
  readonly renamed: boolean;
}
