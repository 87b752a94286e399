import { callListener } from '@patterns/context/internal';
import { stateChangeChannel, type BreakerStateChange } from './diagnostics.ts';

type Listener = (event: BreakerStateChange) => void;

/** Tells of state changes, one after the other to all: of what a listener changes when everybody knows of the change before. */
export class StateChanges {
  readonly #name: string | undefined;
  readonly #listener: Listener | undefined;
  #untold: BreakerStateChange[] = [];
  #isTelling = false;

  constructor(name: string | undefined, listener: Listener | undefined) {
    this.#name = name;
    this.#listener = listener;
  }

  get areHeard(): boolean {
    return this.#listener !== undefined || stateChangeChannel.hasSubscribers;
  }

  add(change: BreakerStateChange): void {
    this.#untold.push(change);
  }

  /** Once the state is complete. */
  tell(): void {
    if (this.#isTelling || this.#untold.length === 0) return;
    this.#isTelling = true;
    try {
      for (const change of this.#untold) {
        if (this.#listener !== undefined) callListener('breaker', this.#name, 'onStateChange', this.#listener, change);
        if (stateChangeChannel.hasSubscribers) stateChangeChannel.publish(change);
      }
    } finally {
      this.#untold = [];
      this.#isTelling = false;
    }
  }
}
