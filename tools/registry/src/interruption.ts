/** Aborted when somebody wants this process to end. From then on it is up to whoever holds the signal: nothing is cut short. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Every time, not once: a second Ctrl-C must not cut the cleaning short either.
    process.on(signal, () => {
      controller.abort(new Error(`interrupted by ${signal}`));
    });
  }
  return controller.signal;
}
