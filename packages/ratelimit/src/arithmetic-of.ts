import { FixedWindowArithmetic } from './fixed-window-arithmetic.ts';
import { GcraArithmetic } from './gcra-arithmetic.ts';
import type { KeyArithmetic } from './key-arithmetic.ts';
import { checked, type RateAlgorithm } from './rate-algorithm.ts';
import { SlidingCounterArithmetic } from './sliding-counter-arithmetic.ts';
import { SlidingLogArithmetic } from './sliding-log-arithmetic.ts';

/** Descriptions do not change: each is looked at once. */
const known = new WeakMap<RateAlgorithm, KeyArithmetic>();

/**
 * @throws {RangeError} for a number out of range
 * @throws {TypeError} for what is no algorithm
 */
export function arithmeticOf(algorithm: RateAlgorithm): KeyArithmetic {
  let arithmetic = known.get(algorithm);
  if (arithmetic === undefined) {
    arithmetic = make(checked(algorithm));
    known.set(algorithm, arithmetic);
  }
  return arithmetic;
}

function make(algorithm: RateAlgorithm): KeyArithmetic {
  switch (algorithm.kind) {
    case 'gcra':
      return new GcraArithmetic(0, algorithm);
    case 'token-bucket':
      return new GcraArithmetic(1, algorithm);
    case 'fixed-window':
      return new FixedWindowArithmetic(2, algorithm);
    case 'sliding-counter':
      return new SlidingCounterArithmetic(3, algorithm);
    case 'sliding-log':
      return new SlidingLogArithmetic(4, algorithm);
  }
}
