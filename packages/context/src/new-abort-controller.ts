/** Null where there is no such module, and no such warning. */
let events: { setMaxListeners(most: number, target: AbortSignal): void } | null | undefined;

/**
 * Whose signal takes any number of listeners without a warning: it is that of a context, under which all the work of a request or a pool may run,
 * and Node.js takes an eleventh listener for a leak.
 */
export function newAbortController(): AbortController {
  const controller = new AbortController();
  // Not imported: the packages load on runtimes that have none.
  events ??=
    (globalThis as { readonly process?: Partial<NodeJS.Process> }).process?.getBuiltinModule?.('node:events') ?? null;
  events?.setMaxListeners(0, controller.signal);
  return controller;
}
