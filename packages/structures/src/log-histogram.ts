import { shown } from '@patterns/context/internal';

/** In the unit of what was recorded: milliseconds for all durations of ours. All fields are 0 when `count` is. */
export interface DurationSummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

const LOWEST = 0.01;
const HIGHEST = 1e9;
/** A value is reported as one that is at most this much off, relative to it. */
const PRECISION = 0.01;

/** How many steps each octave (a power of two up to the next) is divided into; buckets are runs of steps. */
const STEPS = 256;

interface OctaveLayout {
  /** For each step the bucket that it belongs to. */
  readonly bucketOfStep: Uint8Array;
  /** For each bucket its first step, and the end of the last bucket. */
  readonly firstSteps: readonly number[];
}

/**
 * A bucket takes in steps as long as the value in its middle is within {@link PRECISION} of both its ends: 5 steps at the lower end of the octave, 9 at the upper one.
 * Buckets of equal width would all have to be as narrow as the lowest, 51 instead of 38.
 */
function divideOctave(): OctaveLayout {
  const bucketOfStep = new Uint8Array(STEPS);
  const firstSteps = [0];
  let first = STEPS;
  for (let step = 0; step < STEPS; step++) {
    const end = STEPS + step + 1;
    if ((end - first) / (end + first) > PRECISION) {
      firstSteps.push(step);
      first = STEPS + step;
    }
    bucketOfStep[step] = firstSteps.length - 1;
  }
  return { bucketOfStep, firstSteps: [...firstSteps, STEPS] };
}

const { bucketOfStep, firstSteps } = divideOctave();
const BUCKETS_PER_OCTAVE = firstSteps.length - 1;

/**
 * The upper half of a double, read as an integer, is its sign, its exponent (11 bits) and the first 20 bits of its fraction: octave and step can be read off, at a third of the price of `Math.log`.
 * @see IEEE 754-2019, section 3.4
 */
const double = new Float64Array([1]);
const halves = new Uint32Array(double.buffer);
/** Which half that is depends on the byte order of the machine; the lower one of 1 is 0. */
const UPPER = halves[1] === 0 ? 0 : 1;

/** Counted from the octave at which doubles begin. */
function bucketOf(value: number): number {
  double[0] = value;
  const upper = halves[UPPER] as number;
  return (upper >>> 20) * BUCKETS_PER_OCTAVE + (bucketOfStep[(upper >>> 12) & (STEPS - 1)] as number);
}

const FIRST_BUCKET = bucketOf(LOWEST);
const BUCKETS = bucketOf(HIGHEST) - FIRST_BUCKET + 1;
const EXPONENT_BIAS = 1023;

/** The value whose relative distance to both ends of the bucket is the same: their harmonic mean. */
function middleOf(bucket: number): number {
  const inOctave = (bucket + FIRST_BUCKET) % BUCKETS_PER_OCTAVE;
  const octave = (bucket + FIRST_BUCKET - inOctave) / BUCKETS_PER_OCTAVE - EXPONENT_BIAS;
  const low = STEPS + (firstSteps[inOctave] as number);
  const high = STEPS + (firstSteps[inOctave + 1] as number);
  return ((2 * low * high) / (low + high) / STEPS) * 2 ** octave;
}

/**
 * Log-linear histogram: percentiles to two significant digits (within 1 %) for values from 0.01 to 1e9, values outside counting as the nearest of these; `count`, `mean` and `max` are exact.
 * `record` is O(1) and allocates nothing; memory is at most 12 kB whatever is recorded, reading O(that). Counts are exact up to 2^53.
 *
 * For latencies over the life of a process or of a window. Prefer sorting when there are a few hundred values and they are at hand: that is exact.
 *
 * @example
 * const latency = new LogHistogram();
 * for (let ms = 1; ms <= 100; ms++) latency.record(ms);
 * latency.summary().p90; // within 1 % of 90
 *
 * @see Masson, Rim and Lee, DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees. PVLDB 12(12), 2019
 * @see HdrHistogram, which divides octaves in the same way, into equal parts
 */
export class LogHistogram {
  /** Doubles, not 32-bit integers: one bucket of a busy process would overflow those within weeks. */
  readonly #counts: Float64Array = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** Negative counts as 0. @throws {RangeError} for NaN, and for what is no number */
  record(value: number): void {
    if (typeof value !== 'number' || !(value >= 0)) value = zeroFor(value);
    const bucket = value <= LOWEST ? 0 : bucketOf(value > HIGHEST ? HIGHEST : value) - FIRST_BUCKET;
    (this.#counts[bucket] as number) += 1;
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  /** Nearest rank: the smallest value that at least `p` percent of the recorded ones do not exceed; 0 without values. @throws {RangeError} unless 0 <= p <= 100 */
  percentile(p: number): number {
    if (!(p >= 0 && p <= 100)) throw new RangeError(`p must be from 0 to 100, got ${String(p)}`);
    if (this.#count === 0) return 0;
    // Multiplied first: 55 / 100 * 100 is more than 55.
    const rank = Math.max(1, Math.ceil((p * this.#count) / 100));
    let bucket = 0;
    for (let passed = this.#counts[0] as number; passed < rank && bucket < BUCKETS - 1;) {
      passed += this.#counts[++bucket] as number;
    }
    // The middle of the last bucket may lie beyond all that was recorded, or outside the range.
    return Math.max(LOWEST, Math.min(middleOf(bucket), this.#max, HIGHEST));
  }

  /** Adds what the other has recorded. */
  merge(other: LogHistogram): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      (this.#counts[bucket] as number) += other.#counts[bucket] as number;
    }
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  /** As new. */
  reset(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#max = 0;
  }

  summary(): DurationSummary {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      max: this.#max,
    };
  }
}

/** @throws {RangeError} for what is not negative either */
function zeroFor(value: number): 0 {
  if (typeof value === 'number' && value < 0) return 0;
  throw new RangeError(`value must be a number, got ${shown(value)}`);
}
