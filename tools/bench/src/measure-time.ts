import type { Contender } from './contender.ts';
import { loopOf, type Loop } from './loop.ts';
import { shuffle } from './shuffle.ts';

export interface TimeOptions {
  readonly rounds: number;
  /** How long each contender runs in a round. */
  readonly roundMs: number;
  readonly random: () => number;
}

/** Rounds thrown away: the first time that all contenders have run in turn, what they share is compiled anew. */
const warmUpRounds = 2;

/** Nanoseconds per unit of work, by contender and round. In each round all contenders run, in a new order. */
export async function measureTime(
  contenders: ReadonlyMap<string, Contender>,
  { rounds, roundMs, random }: TimeOptions,
): Promise<Map<string, number[]>> {
  const entrants: { readonly name: string; readonly loop: Loop; count: number }[] = [];
  for (const [name, contender] of contenders) {
    const loop = await loopOf(contender);
    entrants.push({ name, loop, count: await calibrate(loop, roundMs) });
  }

  const samples = new Map(entrants.map(({ name }) => [name, new Array<number>()]));
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const entrant of shuffle(entrants, random)) {
      const { name, loop, count } = entrant;
      if (round >= 0) samples.get(name)?.push((await undisturbed(loop, count, roundMs)) / count / loop.per);
      // Code that was compiled since gets faster: correct the count while nothing is recorded yet.
      else entrant.count = countFor(roundMs, (await loop.time(count)) / count);
    }
  }
  return samples;
}

/**
 * The time of a run during which nobody took the processor away. On a busy machine that needs several tries; if it does not come to one in
 * the time of ten, the fastest has to do.
 */
async function undisturbed(loop: Loop, count: number, roundMs: number): Promise<number> {
  const endOfPatience = performance.now() + 10 * roundMs;
  let fastest = Infinity;
  let disturbed: boolean;
  do {
    const before = interruptions();
    fastest = Math.min(fastest, await loop.time(count));
    disturbed = interruptions() > before;
  } while (disturbed && performance.now() < endOfPatience);
  return fastest;
}

function interruptions(): number {
  return process.resourceUsage().involuntaryContextSwitches;
}

/** The number of operations that takes about `roundMs`: doubles until one measurement takes that long, which is the warm-up too. */
async function calibrate(loop: Loop, roundMs: number): Promise<number> {
  for (let count = 1; ; count *= 2) {
    const elapsed = await loop.time(count);
    if (elapsed >= roundMs * 1e6) return countFor(roundMs, elapsed / count);
  }
}

function countFor(roundMs: number, nsPerOperation: number): number {
  return Math.max(1, Math.round((roundMs * 1e6) / nsPerOperation));
}
