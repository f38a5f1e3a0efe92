import { NexusError } from '../../errors/nexus-error.ts';

/** Something that is loaded on first use, and once; a loading that failed is tried again by the next use. */
export class OnFirstUse<T extends object> {
  readonly #load: () => Promise<T>;
  #loaded: T | undefined;
  #loading: Promise<T> | undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** A promise only until it is loaded. */
  get(): T | Promise<T> {
    return this.#loaded ?? this.#begin();
  }

  /** For places that are reached only after somebody has waited for `get`. */
  get loaded(): T {
    if (this.#loaded === undefined) throw new NexusError('internal', 'Something was used before it was loaded');
    return this.#loaded;
  }

  #begin(): Promise<T> {
    this.#loading ??= this.#load().then(
      (loaded) => {
        this.#loaded = loaded;
        return loaded;
      },
      (thrown) => {
        this.#loading = undefined;
        throw thrown;
      },
    );
    return this.#loading;
  }
}
