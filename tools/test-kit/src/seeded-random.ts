import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Like `Math.random`, but the same seed gives the same numbers. */
export interface SeededRandom {
  (): number;
  readonly seed: number;
}

/**
 * Numbers in [0, 1) from the Mersenne Twister (MT19937), 53 bits each: unlike the xorshift family it scatters neighbouring seeds at once.
 *
 * @param seed 32-bit integer. @defaultValue `TEST_SEED` of the environment, else chosen at random
 * @throws {RangeError} if the seed is not a 32-bit integer
 */
export function seededRandom(seed: number = defaultSeed()): SeededRandom {
  if (seed !== (seed | 0)) throw new RangeError(`seed must be a 32-bit integer, got ${seed}`);
  const generator = mersenne(seed);
  return Object.assign(() => uniformFloat64(generator), { seed });
}

/**
 * A test that draws its cases: on failure the message says which seed repeats it.
 *
 * @param seed as in {@link seededRandom}; chosen anew on each run unless given
 */
export function seeded(test: (random: SeededRandom) => unknown, seed?: number): () => Promise<void> {
  return async () => {
    const random = seededRandom(seed);
    try {
      await test(random);
    } catch (error) {
      throw withSeed(error, random.seed);
    }
  };
}

function defaultSeed(): number {
  const fromEnvironment = process.env['TEST_SEED'];
  return fromEnvironment === undefined ? (Math.random() * 2 ** 32) | 0 : Number(fromEnvironment);
}

function withSeed(error: unknown, seed: number): unknown {
  const hint = `(seed ${seed}: TEST_SEED=${seed} repeats it)`;
  // Not `instanceof`: Node's own errors come from another realm than the test.
  if (typeof error !== 'object' || error === null || !('message' in error)) {
    return new Error(`${String(error)}\n${hint}`, { cause: error });
  }
  const { message, stack } = error as Error;
  const hinted = `${message}\n${hint}`;
  // The stack repeats the message, and the stack is what Jest prints.
  Object.assign(error, { message: hinted, stack: stack?.replace(message, () => hinted) });
  return error;
}
