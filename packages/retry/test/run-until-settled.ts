import type { VirtualClock } from '@patterns/context/testing';

/** Fires timers until the call has settled. A delay of 0 takes a turn of the event loop, of which the clock knows nothing. */
export async function runUntilSettled<T>(clock: VirtualClock, call: Promise<T>): Promise<T> {
  const state = { settled: false };
  const settle = (): void => {
    state.settled = true;
  };
  call.then(settle, settle);
  // Not for ever: the loop would outlive its test, and keep Jest from ending.
  const endMs = performance.now() + 30_000;
  while (!state.settled && performance.now() < endMs) {
    await clock.runAll();
    await new Promise(setImmediate);
  }
  return call;
}
