import { toContext, type Context, type ExecuteOptions } from '@patterns/context';
import {
  checkCancellation,
  checkFunction,
  checkMs,
  checkNumber,
  checkOneOf,
  checkText,
} from '@patterns/context/internal';

export interface TaskOptions extends ExecuteOptions {
  /** In diagnostics. */
  readonly name?: string | undefined;
  /** Higher first; the same: as they came. Any number but NaN. @defaultValue 0 */
  readonly priority?: number | undefined;
  /** An integer. @defaultValue 1. @throws {RangeError} below 1, and above `concurrency` */
  readonly weight?: number | undefined;
  /** From its start: rejects with `TaskTimeoutError`, which is also the cause that ends the task's context. @defaultValue Infinity */
  readonly timeoutMs?: number | undefined;
  /** Longest time from submission to start; then rejects with `TaskTimeoutError`. 0: it starts at once or not at all. @defaultValue Infinity */
  readonly queueTimeoutMs?: number | undefined;
  /** When the slot of a task that timed out is free again: when the task has really ended, or at once. @defaultValue `'settled'` */
  readonly release?: 'settled' | 'timeout' | undefined;
}

/** Hears of a task in place of a promise. */
export interface TaskObserver {
  /** What the promise would be settled with, at that moment. */
  settled(ok: boolean, result: unknown): void;
  /** The slot is free again, or the task never got one. With what the operation really ended with, where that is known, and when; NaN: that has not been looked at. */
  ended(ok: boolean, result: unknown, nowMs: number): void;
}

/** What is asked of a task, checked and complete. Many tasks may share one. */
export interface TaskSpec {
  readonly name: string | undefined;
  readonly priority: number;
  readonly weight: number;
  readonly key: string | undefined;
  readonly timeoutMs: number;
  readonly queueTimeoutMs: number;
  readonly release: 'settled' | 'timeout';
  readonly caller: Context | undefined;
  /** `caller` is one for many tasks, which do not listen to it each: whoever it belongs to tells the pool of its end. */
  readonly isScoped: boolean;
  readonly observer: TaskObserver | undefined;
  /** Somebody waits for it: what a task submits under its own context then keeps that task from ending. */
  readonly isAwaited: boolean;
  /** At a full queue it waits, whatever the pool does with others. */
  readonly alwaysWaits: boolean;
}

export const plainSpec: TaskSpec = {
  name: undefined,
  priority: 0,
  weight: 1,
  key: undefined,
  timeoutMs: Infinity,
  queueTimeoutMs: Infinity,
  release: 'settled',
  caller: undefined,
  isScoped: false,
  observer: undefined,
  isAwaited: true,
  alwaysWaits: false,
};

/** `concurrency` bounds the weight. @throws {TypeError} {RangeError} */
export function specOf(options: TaskOptions | undefined, concurrency: number): TaskSpec {
  if (options === undefined) return plainSpec;
  const { name, key, signal, priority = 0, weight = 1, release = 'settled' } = options;
  const { timeoutMs = Infinity, queueTimeoutMs = Infinity } = options;
  checkText('name', name);
  checkText('key', key);
  checkNumber('priority', priority, !Number.isNaN(priority), 'anything but NaN');
  const fits = Number.isInteger(weight) && weight >= 1 && weight <= concurrency;
  checkNumber('weight', weight, fits, `an integer from 1 to concurrency, which is ${concurrency}`);
  checkMs('timeoutMs', timeoutMs);
  checkMs('queueTimeoutMs', queueTimeoutMs);
  checkOneOf('release', release, ['settled', 'timeout']);
  checkCancellation(signal, 'signal');
  const caller = signal === undefined ? undefined : toContext(signal);
  const asked = { name, priority, weight, key, timeoutMs, queueTimeoutMs, release };
  return complete(asked, caller, false, undefined, true, false);
}

/** The same for a task that somebody hears of without a promise, in a scope or under its own signal. */
export function observed(
  spec: TaskSpec,
  observer: TaskObserver,
  scope: Context | undefined,
  isAwaited: boolean,
  alwaysWaits: boolean,
): TaskSpec {
  return complete(spec, scope ?? spec.caller, scope !== undefined, observer, isAwaited, alwaysWaits);
}

type Asked = Pick<TaskSpec, 'name' | 'priority' | 'weight' | 'key' | 'timeoutMs' | 'queueTimeoutMs' | 'release'>;

/** In the order of {@link plainSpec}: all of them have one shape. A spread would take twice as long, and give another. */
function complete(
  { name, priority, weight, key, timeoutMs, queueTimeoutMs, release }: Asked,
  caller: Context | undefined,
  isScoped: boolean,
  observer: TaskObserver | undefined,
  isAwaited: boolean,
  alwaysWaits: boolean,
): TaskSpec {
  return {
    name,
    priority,
    weight,
    key,
    timeoutMs,
    queueTimeoutMs,
    release,
    caller,
    isScoped,
    observer,
    isAwaited,
    alwaysWaits,
  };
}

/** @throws {TypeError} for what is no function */
export function checkOperation(operation: unknown): void {
  checkFunction('task', operation);
}
