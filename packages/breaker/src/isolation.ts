import { disposeWith } from '@patterns/context/internal';

/** One reason to keep a breaker isolated; it ends once, however often it is told to. */
export class Isolation implements Disposable {
  declare readonly [Symbol.dispose]: () => void;
  static {
    disposeWith(Isolation, 'end');
  }

  #release: (() => void) | undefined;

  constructor(release: () => void) {
    this.#release = release;
  }

  end(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }
}
