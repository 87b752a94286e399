import type { BreakerState } from '@patterns/breaker';

const marks: Readonly<Record<BreakerState, string>> = {
  closed: '-',
  open: '#',
  'half-open': '?',
  isolated: '!',
  disabled: '.',
};

/** The state at each call, one character a call, a new line for each run. */
export class Timeline {
  #text = '';

  add(state: BreakerState): void {
    this.#text += marks[state];
  }

  toString(): string {
    return this.#text;
  }
}
