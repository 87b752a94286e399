import { reportListenerError } from './call-listener.ts';

/**
 * Clears what {@link Clock.setTimeout} returned, also where `Symbol.dispose` is missing, which leaves the timers of our own clocks with their plain method only.
 * Never throws: what a clock of the user's throws is reported, as it must not stop the end of whatever else has to end.
 */
export function clearTimer(timer: Disposable): void {
  try {
    const { clear } = timer as { readonly clear?: () => void };
    if (typeof clear === 'function') clear.call(timer);
    else timer[Symbol.dispose]();
  } catch (error) {
    // The same object for all timers, of which each would be warned about by itself otherwise.
    reportListenerError('context', undefined, 'clock', clearTimer, error);
  }
}
