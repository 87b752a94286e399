import { setImmediate } from 'node:timers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface HeapPerOperationOptions {
  /** Calls per round. @defaultValue 100 000 */
  readonly operations?: number;
  /** Rounds, after one to warm up. @defaultValue 5 */
  readonly rounds?: number;
}

/**
 * Bytes of heap that stay in use per call of `fn`, after garbage collection: the median over rounds, the lower one of two. What keeps nothing measures below 1 or so;
 * a listener, timer or queue entry left behind measures 50 and more. May be negative.
 *
 * @param fn awaited if it returns a promise, so that calls do not overlap
 */
export async function heapPerOperation(
  fn: (index: number) => unknown,
  { operations = 100_000, rounds = 5 }: HeapPerOperationOptions = {},
): Promise<number> {
  const measured: number[] = [];
  // Round 0 compiles, grows tables to their size, and is not counted.
  let before = 0;
  for (let round = 0; round <= rounds; round++) {
    for (let index = 0; index < operations; index++) {
      const result = fn(index);
      if (isThenable(result)) await result;
    }
    await collectOnce();
    const { heapUsed } = process.memoryUsage();
    if (round > 0) measured.push((heapUsed - before) / operations);
    before = heapUsed;
  }
  measured.sort((a, b) => a - b);
  // What is left behind is left in every round; what the engine keeps for itself, in some: of an even number of rounds the lower one.
  return measured[(measured.length - 1) >> 1] ?? 0;
}

let gc: (() => void) | undefined;

/** Collects all that can be collected, with no `--expose-gc` on the command line. Weak references and finalizers have had their turn after it. */
export async function collectGarbage(): Promise<void> {
  // A WeakRef holds its target to the end of the job that read it, and a finalizer may release more: hence twice.
  await collectOnce();
  await collectOnce();
  await nextTurn();
}

async function collectOnce(): Promise<void> {
  if (gc === undefined) {
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
  }
  await nextTurn();
  gc();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
