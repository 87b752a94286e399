import { background, toContext, type Operation } from '@patterns/context';
import { checkCancellation, checkFunction } from '@patterns/context/internal';
import { checkRange } from './check-option.ts';
import { checkPermits } from './check-permits.ts';
import type { Decision } from './decision.ts';
import { decisionChannel } from './diagnostics.ts';
import { aboveLimit, type Line } from './line.ts';
import type { Meter } from './meter.ts';
import type { QuotaPolicy } from './quota-policy.ts';
import type { AcquireOptions, LimitedExecuteOptions, RateLimiter, ReserveOptions } from './rate-limiter.ts';
import type { Reservation } from './reservation.ts';

const none: LimitedExecuteOptions = Object.freeze({});

/** For limits that are made of others. */
const lines = new WeakMap<object, Line>();

/** Of a limiter of this copy of the package. */
export function lineOf(limiter: object): Line | undefined {
  return lines.get(limiter);
}

/** One meter and those who wait for it, as a {@link RateLimiter}: everything but the algorithm. */
export abstract class LocalLimiter implements RateLimiter {
  // eslint-disable-next-line @typescript-eslint/prefer-as-const -- without the annotation the declarations say `kind = "rate-limit"`, which widens
  readonly kind: 'rate-limit' = 'rate-limit';
  readonly name: string | undefined;
  readonly #meter: Meter;
  readonly #line: Line;

  protected constructor(line: Line) {
    this.name = line.name;
    this.#meter = line.meter;
    this.#line = line;
    lines.set(this, line);
  }

  get quota(): QuotaPolicy {
    // What it promises may end by itself.
    this.#line.now();
    return this.#meter.quota;
  }

  tryAcquire(permits: number = 1): boolean {
    checkPermits(permits);
    const allowed = this.#tryTake(permits);
    if (decisionChannel.hasSubscribers) this.#tell(permits, allowed);
    return allowed;
  }

  check(permits: number = 1): Decision {
    checkPermits(permits);
    const nowMs = this.#line.now();
    const decision = this.#line.decide(permits, nowMs);
    if (decision.allowed) this.#meter.take(permits, nowMs);
    this.#line.tell(permits, decision.allowed, decision.retryAfterMs);
    return decision;
  }

  peek(permits: number = 1): Decision {
    checkPermits(permits);
    return this.#line.decide(permits, this.#line.now());
  }

  acquire(permits: number = 1, options?: AcquireOptions): Promise<void> {
    try {
      return this.#take(permits, options) ?? Promise.resolve();
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of the caller, whatever that is
      return Promise.reject(error);
    }
  }

  reserve(permits: number = 1, options?: ReserveOptions): Reservation | undefined {
    checkPermits(permits);
    const { maxWaitMs = Infinity } = options ?? none;
    checkRange('maxWaitMs', maxWaitMs, 0);
    const reservation = this.#isAboveLimit(permits) ? undefined : this.#line.reserve(permits, maxWaitMs, -Infinity);
    if (decisionChannel.hasSubscribers) this.#tell(permits, reservation !== undefined);
    return reservation;
  }

  execute<T>(operation: Operation<T>, options?: LimitedExecuteOptions): Promise<T> {
    try {
      checkFunction('operation', operation);
      const { signal, permits = 1 } = options ?? none;
      const turn = this.#take(permits, options);
      const ctx = signal === undefined ? background() : toContext(signal);
      // A promise of the platform is passed on as it is.
      if (turn === undefined) return Promise.resolve(operation(ctx));
      return turn.then(() => {
        // It may have ended after the permits came, and before this ran on.
        ctx.throwIfDone();
        return operation(ctx);
      });
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of the caller, or what the operation has thrown
      return Promise.reject(error);
    }
  }

  wrap<This, A extends unknown[], T>(
    fn: (this: This, ...args: A) => T | PromiseLike<T>,
  ): (this: This, ...args: A) => Promise<T> {
    checkFunction('fn', fn);
    const execute = (operation: Operation<T>): Promise<T> => this.execute(operation);
    return function (...args) {
      return execute(() => fn.apply(this, args));
    };
  }

  /** `undefined` where there was no need to wait. */
  #take(permits: number, options: AcquireOptions | undefined): Promise<void> | undefined {
    const { signal, maxWaitMs = this.#line.maxWaitMs } = options ?? none;
    this.#checkAcquire(permits, maxWaitMs);
    if (signal !== undefined) {
      checkCancellation(signal, 'signal');
      toContext(signal).throwIfDone();
    }
    if (!this.#tryTake(permits)) return this.#line.join(permits, signal, maxWaitMs);
    if (decisionChannel.hasSubscribers) this.#line.tell(permits, true, 0);
    return undefined;
  }

  #tryTake(permits: number): boolean {
    const line = this.#line;
    if (!line.isIdle && !line.isFreeFor(permits, line.now())) return false;
    return this.#meter.tryTake(permits, line.clock);
  }

  #checkAcquire(permits: number, maxWaitMs: number): void {
    checkPermits(permits);
    checkRange('maxWaitMs', maxWaitMs, 0);
    if (this.#isAboveLimit(permits)) throw aboveLimit(permits, this.#meter.limit);
  }

  #isAboveLimit(permits: number): boolean {
    if (permits <= this.#meter.limit) return false;
    // It may have been the limit of a time that is over.
    this.#line.now();
    return permits > this.#meter.limit;
  }

  #tell(permits: number, allowed: boolean): void {
    const nowMs = this.#line.now();
    this.#line.tell(permits, allowed, allowed ? 0 : this.#line.decide(permits, nowMs).retryAfterMs);
  }
}
