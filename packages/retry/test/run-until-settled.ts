import { until } from '@patterns-tools/test-kit';
import type { VirtualClock } from '@patterns/context/testing';

/** Fires timers until the call has settled. A delay of 0 takes a turn of the event loop, of which the clock knows nothing. */
export async function runUntilSettled<T>(clock: VirtualClock, call: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  call.then(settle, settle);
  await until(async () => {
    if (!isSettled) await clock.runAll();
    return isSettled;
  });
  return call;
}
