import { diagnosticsChannel } from './diagnostics-channel.ts';
import type { ListenerErrorMessage } from './diagnostics.ts';
import { isPromiseLike } from './is-promise-like.ts';
import { whenSettled } from './when-settled.ts';

/**
 * Runs a callback of the user's, whose failure must not reach the call it is told about. What it throws, or rejects with, goes to `patterns:<package>:listener-error`;
 * if nobody listens there, once for each callback to `process.emitWarning`. Never throws.
 */
export function callListener<Args extends readonly unknown[]>(
  packageName: string,
  instanceName: string | undefined,
  option: string,
  listener: (...args: Args) => void,
  ...args: Args
): void {
  try {
    // Declared to return nothing, which an `async` function fits as well.
    const call: (...args: Args) => unknown = listener;
    const result = call(...args);
    if (isPromiseLike(result)) {
      void whenSettled(result, undefined, (error: unknown) => {
        reportListenerError(packageName, instanceName, option, listener, error);
      });
    }
  } catch (error) {
    reportListenerError(packageName, instanceName, option, listener, error);
  }
}

export function reportListenerError(
  packageName: string,
  name: string | undefined,
  option: string,
  listener: object,
  error: unknown,
): void {
  const channel = diagnosticsChannel<ListenerErrorMessage>(`patterns:${packageName}:listener-error`);
  if (channel.hasSubscribers) channel.publish({ name, listener: option, error });
  else warnOnce(packageName, name, option, listener, error);
}

/** One set in the process: a second copy of the package must not warn again. */
const warnedAboutKey: symbol = Symbol.for('@patterns/context.warned-about');

function warnOnce(
  packageName: string,
  name: string | undefined,
  option: string,
  listener: object,
  error: unknown,
): void {
  const shared = globalThis as { [warnedAboutKey]?: WeakSet<object> };
  const warnedAbout = (shared[warnedAboutKey] ??= new WeakSet());
  if (warnedAbout.has(listener)) return;
  warnedAbout.add(listener);
  const where = name === undefined ? option : `${option} of '${name}'`;
  const text = `@patterns/${packageName}: ${where} threw, which was ignored (and will be, silently): ${textOf(error)}`;
  const node = (globalThis as { readonly process?: Partial<NodeJS.Process> }).process;
  if (node?.emitWarning === undefined) console.warn(text);
  else node.emitWarning(text, { code: 'PATTERNS_LISTENER_ERROR' });
}

/** Whatever was thrown, its text must not throw again. */
function textOf(error: unknown): string {
  try {
    const stack = (error as { readonly stack?: unknown } | null | undefined)?.stack;
    return typeof stack === 'string' ? stack : String(error);
  } catch {
    return 'a value that has no text';
  }
}
