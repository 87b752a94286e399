import type { Contender } from './contender.ts';
import { loopOf } from './loop.ts';

/**
 * For the process that measures heap. With a young generation this large no collection happens while allocations are counted, so that
 * nothing of them is lost.
 */
export const heapFlags: readonly string[] = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Well below the size of the young generation. */
const allocatedPerRound = 32 * 2 ** 20;

/** Bytes that one operation allocates, garbage included, in each round. */
export async function measureAllocated(contender: Contender, rounds: number): Promise<number[]> {
  const { per, run } = await loopOf(contender);
  const grow = async (count: number) => {
    collect();
    const before = heapUsed();
    await run(count);
    return heapUsed() - before;
  };

  // Optimized code may allocate less than the interpreter: run until it is that which counts.
  let count = 1;
  while (count < 20_000 && (await grow(count)) < allocatedPerRound) count *= 2;
  count = Math.max(1, Math.floor((count * allocatedPerRound) / Math.max(await grow(count), allocatedPerRound)));

  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) samples.push((await grow(count)) / count / per);
  return samples;
}

/** Bytes that are still in use after a collection, per unit of what one `run` made, in each round. */
export async function measureRetained(contender: Contender, rounds: number): Promise<number[]> {
  if (typeof contender === 'function') throw new TypeError('what is retained is measured between run and cleanUp');
  const samples: number[] = [];
  // The first round compiles code and grows tables that stay.
  for (let round = -1; round < rounds; round++) {
    contender.prepare();
    collect();
    const before = heapUsed();
    await contender.run();
    collect();
    if (round >= 0) samples.push((heapUsed() - before) / contender.per);
    await contender.cleanUp();
  }
  return samples;
}

/** With the content of buffers and typed arrays, which lies outside of the heap. */
function heapUsed(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function collect(): void {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
}
