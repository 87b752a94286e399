import { ledger } from './ledger.ts';

/** Node's own flag on `Timeout` and `Immediate`: cleared, or fired for the last time. */
interface NodeTimer {
  readonly _destroyed: boolean;
}

/** Enters every timer of the globals in the ledger, also those that are `unref`ed. @returns what puts the globals back */
export function watchTimers(): () => void {
  const restore = (['setTimeout', 'setInterval', 'setImmediate'] as const).map((name) => {
    const original = globalThis[name] as (callback: () => void, ...rest: unknown[]) => unknown;
    const watched = function (callback: () => void, ...rest: unknown[]): unknown {
      const timer = original(callback, ...rest) as NodeTimer;
      const what = name === 'setImmediate' ? name : `${name} of ${(rest[0] as number | undefined) ?? 0} ms`;
      ledger.add({ what, isAlive: () => !timer._destroyed }, watched);
      return timer;
    };
    // `util.promisify(setTimeout)` depends on a property of the function.
    Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original));
    Object.assign(globalThis, { [name]: watched });
    return () => Object.assign(globalThis, { [name]: original });
  });
  return () => {
    for (const put of restore) put();
  };
}

/** Timers of a fake clock that stands in for the globals at this moment: Jest's or one of `@sinonjs/fake-timers`. */
export function pendingFakeTimers(): number {
  const { clock } = setTimeout as { clock?: { countTimers(): number } };
  return clock?.countTimers() ?? 0;
}
