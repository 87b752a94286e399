import { ownBackground } from './background.ts';
import { CancelContext } from './cancel-context.ts';
import { checkClock } from './check-clock.ts';
import { checkNumber, checkText } from './check-option.ts';
import type { Clock } from './clock.ts';
import type { CancelableContext, Cancellation } from './context.ts';
import { DeadlineQueue, type Deadline } from './deadline-queue.ts';
import type { ContextDiagnostics } from './diagnostics.ts';
import { diagnosticsChannel } from './diagnostics-channel.ts';
import { Ending, type ExceededDeadline } from './ending.ts';
import { systemClock } from './system-clock.ts';
import type { TimeScope } from './time-scope.ts';
import { toParent } from './to-context.ts';
import { toleranceMs } from './tolerance.ts';
import type { TreeContext } from './tree-context.ts';

export interface DeadlineOptions {
  /** `cause` of the context when this deadline ends it. @defaultValue its {@link DeadlineExceededError} */
  readonly cause?: unknown;
  /** Says which of several deadlines it was: `DeadlineExceededError.deadlineName`. */
  readonly name?: string | undefined;
  /** A context has the clock of its parent; only where that has none (no deadline above) may one be given. Another one than the parent's is a TypeError. @defaultValue {@link systemClock} */
  readonly clock?: Clock | undefined;
}

const exceeded = diagnosticsChannel<ContextDiagnostics['patterns:context:deadline-exceeded']>(
  'patterns:context:deadline-exceeded',
);

/** A node that ends by itself; its own time scope, for everything below. */
class DeadlineContext extends CancelContext implements TimeScope, Deadline, ExceededDeadline {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static override readonly specimen: object = /* @__PURE__ */ new DeadlineContext(
    ownBackground,
    undefined as never,
    NaN,
    undefined,
    undefined,
  );

  readonly #queue: DeadlineQueue;
  readonly deadlineMs: number;
  readonly timeoutMs: number | undefined;
  /** One member for two, as most deadlines have neither. */
  readonly #given: { readonly name: string | undefined; readonly cause: unknown } | undefined;
  heapIndex = -1;

  constructor(
    parent: TreeContext,
    queue: DeadlineQueue,
    deadlineMs: number,
    timeoutMs: number | undefined,
    options: DeadlineOptions | undefined,
  ) {
    super(parent);
    this.time = this;
    this.#queue = queue;
    this.deadlineMs = deadlineMs;
    this.timeoutMs = timeoutMs;
    const { name, cause } = options ?? {};
    this.#given = name === undefined && cause === undefined ? undefined : { name, cause };
  }

  get clock(): Clock {
    return this.#queue.clock;
  }

  get name(): string | undefined {
    return this.#given?.name;
  }

  override get deadline(): number {
    return this.deadlineMs;
  }

  override remaining(): number {
    return this.remainingMs();
  }

  remainingMs(): number {
    return Math.max(0, this.deadlineMs - this.clock.now());
  }

  start(nowMs: number): void {
    if (this.ending !== undefined) return;
    if (this.deadlineMs > nowMs) this.#queue.add(this, nowMs, this.deadlineMs);
    else this.expire();
  }

  expire(): void {
    this.finish(this.expiry());
    const { name, timeoutMs } = this;
    if (exceeded.hasSubscribers) exceeded.publish({ name, timeoutMs });
  }

  expireIfOverdue(): void {
    if (this.ending === undefined && this.clock.now() - this.deadlineMs > toleranceMs) this.expire();
  }

  expiry(): Ending {
    return new Ending(this.#given?.cause, this);
  }

  override settle(ending: Ending): void {
    super.settle(ending);
    this.#queue.delete(this);
  }

  override describe(): string {
    const kind = this.timeoutMs === undefined ? 'withDeadline' : 'withTimeout';
    const left = `${Math.ceil(this.remainingMs())} ms left`;
    return `${kind}(${this.name === undefined ? left : `${this.name}, ${left}`})`;
  }
}

/**
 * Done after `timeoutMs` at the latest; 0 or less: already done. `Infinity`: no deadline of its own. Timers of deadlines do not hold the process; `cancel` clears them.
 * A parent's earlier deadline wins, and this one's `cause` and `name` are then not used. @throws {RangeError} for NaN
 */
export function withTimeout(
  parent: Cancellation | undefined,
  timeoutMs: number,
  options?: DeadlineOptions,
): CancelableContext {
  const from = toParent(parent);
  checkNumber('timeoutMs', timeoutMs, !Number.isNaN(timeoutMs), 'anything but NaN');
  const queue = queueBelow(from, options);
  const nowMs = queue.now();
  return derive(from, queue, nowMs, nowMs + timeoutMs, timeoutMs, options);
}

/** {@link withTimeout} with an absolute time. A number is in milliseconds of the clock (`performance.now()`, not `Date.now()`); a `Date` is converted once, on entry. */
export function withDeadline(
  parent: Cancellation | undefined,
  deadline: number | Date,
  options?: DeadlineOptions,
): CancelableContext {
  const from = toParent(parent);
  const queue = queueBelow(from, options);
  const nowMs = queue.now();
  const deadlineMs = isDate(deadline) ? nowMs + (deadline.getTime() - Date.now()) : deadline;
  checkNumber('deadline', deadlineMs, !Number.isNaN(deadlineMs), 'anything but NaN');
  return derive(from, queue, nowMs, deadlineMs, undefined, options);
}

function derive(
  from: TreeContext,
  queue: DeadlineQueue,
  nowMs: number,
  deadlineMs: number,
  timeoutMs: number | undefined,
  options: DeadlineOptions | undefined,
): CancelableContext {
  checkText('name', options?.name);
  const above = from.time?.deadlineMs;
  if (deadlineMs === Infinity || (above !== undefined && above < deadlineMs)) {
    // The clock stays with it, also where there is no deadline.
    const context = new CancelContext(from, from.time ?? (options?.clock === undefined ? undefined : queue));
    context.follow(from.source);
    // Asked to be done already, while the timer of the deadline above is late.
    if (deadlineMs <= nowMs && context.ending === undefined) context.finish(expiryOf(from.time));
    return context;
  }
  const context = new DeadlineContext(from, queue, deadlineMs, timeoutMs, options);
  context.follow(from.source);
  context.start(nowMs);
  return context;
}

function expiryOf(time: TimeScope | undefined): Ending {
  return time instanceof DeadlineContext
    ? time.expiry()
    : new Ending(undefined, { name: undefined, timeoutMs: undefined });
}

/** @throws {TypeError} for a clock that is not the one the parent lives by */
function queueBelow(parent: TreeContext, options: DeadlineOptions | undefined): DeadlineQueue {
  const clock = options?.clock;
  const inherited = parent.time?.clock;
  if (clock !== undefined) checkClock(clock);
  if (clock !== undefined && inherited !== undefined && clock !== inherited) {
    throw new TypeError('clock must be that of the parent, or be left out: a context lives by one clock');
  }
  return DeadlineQueue.of(inherited ?? clock ?? systemClock);
}

/** By shape, as it may come from another realm. */
function isDate(value: number | Date): value is Date {
  return typeof value === 'object' && typeof (value as Date | null)?.getTime === 'function';
}
