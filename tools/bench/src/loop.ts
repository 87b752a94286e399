import type { Contender, Operation } from './contender.ts';

/** Does the work of one contender `count` times. */
export interface Loop {
  /** Units of work in each of them. */
  readonly per: number;
  /** Nanoseconds for all of them. */
  readonly time: (count: number) => Promise<number>;
  /** For what is measured from outside. */
  readonly run: (count: number) => unknown;
}

/** Frames below every synchronous operation, as many as an error captures: on an empty stack, errors with a stack would look cheap. */
const framesBelow = 10;

let loopsMade = 0;

/** Runs the contender once, to see whether it has to be awaited. */
export async function loopOf(contender: Contender): Promise<Loop> {
  if (typeof contender !== 'function') {
    const run = async (count: number) => {
      let elapsed = 0;
      for (let i = 0; i < count; i++) {
        contender.prepare();
        const start = performance.now();
        const result = contender.run();
        if (isPromise(result)) await result;
        elapsed += performance.now() - start;
        await contender.cleanUp();
      }
      return elapsed * 1e6;
    };
    return { per: contender.per, time: run, run };
  }

  const first = contender();
  const isAsync = isPromise(first);
  await first;
  const loop = ownLoop(contender, isAsync);
  const run = isAsync ? loop : (count: number) => deep(framesBelow, loop, count);
  return {
    per: 1,
    run,
    time: async (count) => {
      const start = performance.now();
      const running = run(count);
      if (isAsync) await running;
      return (performance.now() - start) * 1e6;
    },
  };
}

/**
 * A loop for this operation alone. In a loop that all of them shared, the call would be megamorphic after the fourth and nothing could be
 * inlined. The serial number matters: functions made from the same text would share what V8 has learned about types.
 * What the operation returns is stored, so that the work is not optimized away.
 */
function ownLoop(operation: Operation, isAsync: boolean): (count: number) => unknown {
  const [async, await_] = isAsync ? ['async', 'await '] : ['', ''];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the only way to code that shares no type feedback
  const make = new Function(
    'operation',
    'kept',
    `return ${async} function loop${++loopsMade}(count) { for (let i = 0; i < count; i++) kept.result = ${await_}operation(); }`,
  ) as (operation: Operation, kept: object) => (count: number) => unknown;
  return make(operation, { result: undefined });
}

function deep(frames: number, loop: (count: number) => unknown, count: number): unknown {
  return frames > 0 ? deep(frames - 1, loop, count) : loop(count);
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
