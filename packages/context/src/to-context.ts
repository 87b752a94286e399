import { background, ownBackground, ownRoot } from './background.ts';
import type { Cancellation, Context } from './context.ts';
import { DelegateContext, delegatesTo, ForeignContext } from './foreign-context.ts';
import { shown } from './shown.ts';
import { SignalContext } from './signal-context.ts';
import { TreeContext } from './tree-context.ts';

/** Structural test, across copies. */
export function isContext(value: unknown): value is Context {
  if (value instanceof TreeContext) return true;
  if (typeof value !== 'object' || value === null) return false;
  // `signal` is not read: that would make one.
  if (!('signal' in value && 'deadline' in value && 'err' in value && 'cause' in value)) return false;
  const { done, remaining, value: lookUp, throwIfDone } = value as Partial<Context>;
  return (
    typeof done === 'boolean' &&
    typeof remaining === 'function' &&
    typeof lookUp === 'function' &&
    typeof throwIfDone === 'function'
  );
}

/** By shape: the class of another realm is not ours. */
export function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

/** The context itself, {@link fromSignal}, or {@link background}. */
export function toContext(cancellation: Cancellation | undefined): Context {
  if (cancellation instanceof TreeContext) return cancellation;
  if (cancellation === undefined) return background();
  if (isAbortSignal(cancellation)) return SignalContext.of(cancellation);
  if (isContext(cancellation)) return cancellation;
  throw notACancellation(cancellation, 'signal', ' or undefined');
}

/** A view of the signal, the same object for the same signal. Its one listener on the signal exists only while it has children or listeners of its own. */
export function fromSignal(signal: AbortSignal): Context {
  if (!isAbortSignal(signal)) throw new TypeError(`signal must be an AbortSignal, got ${shown(signal)}`);
  return SignalContext.of(signal);
}

/** @throws {TypeError} naming the option, unless `value` is an `AbortSignal`, a context or `undefined` */
export function checkCancellation(value: unknown, option: string): asserts value is Cancellation | undefined {
  if (value !== undefined && !(value instanceof TreeContext) && !isAbortSignal(value) && !isContext(value)) {
    throw notACancellation(value, option, ' or undefined');
  }
}

/** What to derive from. @throws {TypeError} naming the option */
export function toTreeContext(cancellation: Cancellation, option: string): TreeContext {
  if (cancellation instanceof TreeContext) return cancellation;
  if (isAbortSignal(cancellation)) return SignalContext.of(cancellation);
  if (isContext(cancellation)) {
    const { [delegatesTo]: base } = cancellation as { readonly [delegatesTo]?: Context };
    if (base !== undefined) return new DelegateContext(cancellation, toTreeContext(base, option));
    return ownRoot(cancellation) ?? ForeignContext.of(cancellation);
  }
  throw notACancellation(cancellation, option, '');
}

/** {@link toTreeContext} where `undefined` means {@link background}. */
export function toParent(parent: Cancellation | undefined, option: string = 'parent'): TreeContext {
  if (parent instanceof TreeContext) return parent;
  return parent === undefined ? ownBackground : toTreeContext(parent, option);
}

function notACancellation(value: unknown, option: string, orUndefined: string): TypeError {
  return new TypeError(`${option} must be an AbortSignal or a Context${orUndefined}, got ${shown(value)}`);
}
