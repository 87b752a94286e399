/** Clears what {@link Clock.setTimeout} returned, also where `Symbol.dispose` is missing, which leaves the timers of our own clocks with their plain method only. */
export function clearTimer(timer: Disposable): void {
  const { clear } = timer as { readonly clear?: () => void };
  if (typeof clear === 'function') clear.call(timer);
  else timer[Symbol.dispose]();
}
