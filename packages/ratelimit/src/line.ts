import { toContext, type Cancellation, type Clock, type Context } from '@patterns/context';
import { clearTimer } from '@patterns/context/internal';
import { RingBuffer, WaitQueue } from '@patterns/structures';
import type { Decision } from './decision.ts';
import { decisionChannel, rateChangeChannel, waitChannel } from './diagnostics.ts';
import { LastMoment } from './last-moment.ts';
import type { ResolvedLimiterOptions } from './limiter-options.ts';
import { ManualTimers } from './manual-timers.ts';
import type { JoinedLine, Meter, Promised } from './meter.ts';
import { RateLimitError, type RateLimitReason } from './rate-limit-error.ts';
import { LineReservation, type ReservationLine } from './reservation.ts';
import { isDue } from './rounding.ts';

const nothing: readonly Promised[] = [];

interface Waiting {
  readonly permits: number;
  readonly sinceMs: number;
  /** Its `maxWaitMs`, as a time. */
  readonly latestMs: number;
  /** Who came before whom, callers and reservations. */
  readonly ticket: number;
  /** Listens for as long as it waits. */
  readonly lastMoment: LastMoment | undefined;
}

/**
 * Those who wait for one meter, in the order in which they came: callers, and reservations that stand behind callers or for whose time the
 * meter is not ready. Callers hold no permits before they are served: whoever leaves has nothing to give back, and the others just move up.
 *
 * What is asked of it (how long would I wait?) is answered from a copy of the meter on which all of the line has been served. The copy is made
 * when somebody asks, and made again when anything but joining has happened: O(1) for who joins a line that stands still, O(line) after a change.
 *
 * Nobody is served before the head, so one timer is enough: for the head, or for whoever may not wait that long since the limit has changed.
 */
export class Line implements ReservationLine, JoinedLine {
  readonly meter: Meter;
  readonly clock: Clock;
  readonly name: string | undefined;
  readonly maxWaitMs: number;
  /** Callers who may wait. */
  maxQueue: number;
  readonly #dropsOldest: boolean;
  readonly #queue: WaitQueue<void, Waiting>;
  /** Until when those in the queue may wait. */
  readonly #latest = new ManualTimers(() => this.meter.latestMs);
  readonly #reserved = new RingBuffer<LineReservation>();
  #tickets = 0;

  /** The meter after everybody; `undefined` where somebody's time never comes. Holds for a queue of {@link #plannedSize}. */
  #plan: Meter | undefined;
  /** -1: to be made anew. */
  #plannedSize = -1;
  /** Permits of those in line, where there is no plan: the room that they take up for nobody knows how long. */
  #unplanned = 0;

  #timer: Disposable | undefined;
  /** For which the timer is set. */
  #timerMs = Infinity;
  /** The rate that was told last. */
  #toldPerSecond: number | undefined;
  /** Told when something here has become available sooner, or later. */
  readonly watchers: Set<() => void> = new Set();
  /** Lines for this limit and others that keep reservations outside. */
  readonly joined: Set<JoinedLine> = new Set();
  #isCatchingUp = false;
  #isLending = false;

  constructor(meter: Meter, { name, maxWaitMs, maxQueue, dropsOldest, clock }: ResolvedLimiterOptions) {
    this.meter = meter;
    this.clock = clock;
    this.name = name;
    this.maxWaitMs = maxWaitMs;
    this.maxQueue = maxQueue;
    this.#dropsOldest = dropsOldest;
    this.#queue = new WaitQueue({
      refuse: (reason, tag) => this.#refusal(reason, tag),
      onHeadLeft: () => {
        this.#plannedSize = -1;
        this.#serve(this.now());
      },
      // Whoever it was: those who wait for this limit and others stand behind all who wait for this one.
      onLeft: () => {
        this.#tellWatchers();
      },
      clock: this.#latest,
      timed: false,
    });
  }

  get isEmpty(): boolean {
    return this.#queue.size === 0 && this.#reserved.length === 0;
  }

  /** Nobody is to be looked after before the meter is asked. */
  get isIdle(): boolean {
    return this.isEmpty && this.joined.size === 0;
  }

  /** Whoever gets it stands behind all who are in line. */
  nextTicket(): number {
    return this.#tickets++;
  }

  now(): number {
    return this.advance(this.clock.now());
  }

  /** Time goes on, never back. Reservations whose time comes on the way take their permits then, not when somebody looks. */
  advance(clockMs: number): number {
    this.#letCatchUp(clockMs);
    for (let first = this.#reserved.at(0); first !== undefined; first = this.#reserved.at(0)) {
      if (first.atMs >= clockMs || this.#isLending) break;
      this.#commit(this.meter.advance(first.atMs));
    }
    return this.meter.advance(clockMs);
  }

  catchUp(clock: Clock, clockMs: number): void {
    // It looks at the limits itself, which then ask it.
    if (this.#isCatchingUp || this.#isLending) return;
    this.#isCatchingUp = true;
    try {
      this.#commit(this.advance(clock === this.clock ? clockMs : this.clock.now()));
    } finally {
      this.#isCatchingUp = false;
    }
  }

  outside(asker: Meter | undefined, nowMs: number): Promised[] {
    if (asker !== undefined && (asker === this.meter || this.meter.isBehind(asker))) return [];
    const aheadMs = nowMs - this.meter.latestMs;
    return [...this.#reserved].map(({ permits, atMs }) => ({ permits, atMs: atMs + aheadMs }));
  }

  error(reason: RateLimitReason, retryAfterMs: number): RateLimitError {
    return new RateLimitError(reason, retryAfterMs, { policy: this.name });
  }

  /** Whether nobody is left after those whose time has come have been served. Timers may be late; nobody overtakes because of that. */
  isEmptyAt(nowMs: number): boolean {
    if (this.isIdle) return true;
    this.#letCatchUp(nowMs);
    if (this.#queue.size > 0 && isDue(this.#timerMs, nowMs)) this.#serve(nowMs);
    else this.#commit(nowMs);
    return this.isEmpty;
  }

  /** Whether so many are at nobody's expense but that of callers of lines for this limit and others. */
  isFreeFor(permits: number, nowMs: number): boolean {
    if (!this.isEmptyAt(nowMs)) return false;
    return this.joined.size === 0 || isDue(this.dueOn(this.meter, permits, nowMs), nowMs);
  }

  /** The meter after everybody who is in line: the meter itself if nobody is. `undefined` if their time never comes. */
  metered(nowMs: number): Meter | undefined {
    return this.isEmptyAt(nowMs) ? this.meter : this.#planAt(nowMs);
  }

  /** What lines for this limit and others have reserved, unless it is behind who asks; in the order of its times. */
  promised(asker?: Meter): readonly Promised[] {
    if (this.joined.size === 0) return nothing;
    const { latestMs } = this.meter;
    return [...this.joined].flatMap((line) => line.outside(asker, latestMs)).sort(byTime);
  }

  /** When so many can be had behind those whom the plan has served, so that what lines for this limit and others have reserved keeps its time. */
  dueOn(plan: Meter | undefined, permits: number, nowMs: number, asker?: Meter): number {
    return dueBeside(this.promised(asker), plan, permits, nowMs);
  }

  /** When so many find room behind everybody who is in line, also behind those whose time never comes. */
  roomAt(permits: number, nowMs: number): number {
    return this.#roomOn(this.metered(nowMs), permits, nowMs, 0);
  }

  /** Of somebody for whom there is nothing now. */
  join(permits: number, signal: Cancellation | undefined, maxWaitMs: number): Promise<void> {
    const nowMs = this.now();
    const { plan, dueMs, drops, fullMs } = this.#findRoom(permits, nowMs);
    const context = signal === undefined ? undefined : toContext(signal);
    const tooLate = tooLateFor(dueMs - nowMs, maxWaitMs, context);
    if (tooLate !== undefined || fullMs > 0) {
      const retryAfterMs = tooLate === undefined ? fullMs : Math.max(0, dueMs - nowMs);
      this.tell(permits, false, retryAfterMs);
      return Promise.reject(this.error(tooLate ?? 'queue-full', retryAfterMs));
    }

    const tag: Waiting = {
      permits,
      sinceMs: nowMs,
      latestMs: nowMs + maxWaitMs,
      ticket: this.nextTicket(),
      lastMoment: this.#lastMomentOf(dueMs - nowMs, context),
    };
    const size = this.#queue.size;
    // The queue refuses whom it would have to let wait for 0 ms; it may be his turn. Once others are dropped for him it is, and no deadline is too
    // early.
    const served = this.#queue.wait(tag, {
      signal: drops > 0 && isDue(dueMs, nowMs) ? undefined : context,
      maxWaitMs: Math.max(maxWaitMs, Number.MIN_VALUE),
    });
    // Its deadline has come meanwhile: nobody is dropped for somebody who is refused.
    if (this.#queue.size === size) return served;
    const dropped = this.#drop(drops, nowMs);
    const isPlanned = plan === undefined ? drops === 0 : plan !== this.meter && dueMs !== Infinity;
    this.#plan = plan;
    this.#plannedSize = isPlanned ? size - drops + 1 : -1;
    if (plan === undefined) this.#unplanned += permits;
    else if (isPlanned) plan.take(permits, dueMs);
    if (this.#queue.size === 1) this.meter.watch(this.#onMeterChange);
    if (this.#queue.size === 1 || drops > 0 || tag.latestMs < this.#timerMs) this.#serve(nowMs);
    for (const tellOfIt of dropped) tellOfIt();
    return served;
  }

  reserve(
    permits: number,
    maxWaitMs: number,
    notBeforeMs: number,
    nowMs: number = this.now(),
    asker?: Meter,
    place?: number,
  ): LineReservation | undefined {
    // Nobody tells when something has been taken from one of several limits: good enough to foresee, but not to promise.
    if (this.meter.lendsAhead) this.#plannedSize = -1;
    const plan = this.metered(nowMs);
    if (plan === undefined || !isDue(plan.roomAt(permits, nowMs), nowMs)) return undefined;
    const soonestMs = this.dueOn(plan, permits, nowMs, asker);
    // Who has a place was promised that time.
    const dueMs = place === undefined ? Math.max(notBeforeMs, soonestMs) : notBeforeMs;
    if (soonestMs === Infinity || !isDue(dueMs, nowMs + maxWaitMs)) return undefined;

    const atMs = isDue(dueMs, nowMs) ? nowMs : dueMs;
    const before = place === undefined ? undefined : [...this.#reserved].filter((one) => one.atMs <= atMs).pop();
    const ticket = place === undefined ? this.nextTicket() : Math.max(place, before?.ticket ?? 0);
    const reservation = new LineReservation(this, permits, atMs, ticket);
    if (plan === this.meter && (atMs === nowMs || (plan.lends && atMs === soonestMs)))
      reservation.loan = plan.lend(permits, atMs);
    else {
      this.#reserved.pushBack(reservation);
      if (place !== undefined) this.#keepReserved([...this.#reserved].sort(byTime));
      this.#plannedSize = -1;
      reservation.places = this.meter.join(this);
    }
    return reservation;
  }

  giveBack(reservation: LineReservation): void {
    const nowMs = this.now();
    this.isEmptyAt(nowMs);
    const { loan, permits, atMs } = reservation;
    reservation.permits = 0;
    if (loan === undefined) this.#forget(reservation);
    else if (isDue(nowMs, atMs)) loan.giveBack(permits, nowMs);
    this.changed(nowMs);
    if (loan === undefined) this.meter.released();
  }

  settle(reservation: LineReservation, permits: number): void {
    const nowMs = this.now();
    this.isEmptyAt(nowMs);
    const { loan, permits: lent, atMs } = reservation;
    const rest = lent - permits;
    reservation.permits = permits;
    if (loan === undefined) {
      if (permits === 0) this.#forget(reservation);
    } else if (rest < 0) loan.charge(-rest, nowMs);
    else if (atMs > nowMs) loan.giveBack(rest, nowMs);
    else loan.refund(rest, nowMs);
    this.changed(nowMs);
    if (loan === undefined) this.meter.released();
  }

  /** Whatever has become of the meter: those who wait are scheduled anew. */
  changed(nowMs: number = this.now()): void {
    this.#plannedSize = -1;
    this.#serve(nowMs);
    this.#tellWatchers();
  }

  #letCatchUp(clockMs: number): void {
    if (this.joined.size === 0) return;
    for (const line of this.joined) line.catchUp(this.clock, clockMs);
  }

  #tellWatchers(): void {
    for (const tellWatcher of [...this.watchers]) tellWatcher();
  }

  /** What the answer to somebody who asks now is. */
  decide(permits: number, nowMs: number): Decision {
    const meter = this.metered(nowMs);
    const { limit, quota: policy } = this.meter;
    const atMs = permits > limit ? Infinity : this.dueOn(meter, permits, nowMs);
    const allowed = meter === this.meter && isDue(atMs, nowMs);
    const taking = allowed ? permits : 0;
    const decision = {
      allowed,
      limit,
      remaining: meter === undefined || meter.latestMs > nowMs ? 0 : meter.remaining(taking, nowMs),
      retryAfterMs: allowed ? 0 : Math.max(0, atMs - nowMs),
      resetMs: meter === undefined ? Infinity : Math.max(0, meter.resetAt(taking, nowMs) - nowMs),
      policy,
    };
    return this.meter.explain(decision, permits);
  }

  /** Changes the limit, and schedules anew those who wait. Whose time had come before is served before. */
  change(change: (nowMs: number) => void): void {
    // It may have changed by itself since.
    const fromPerSecond = (this.#toldPerSecond ??= this.meter.ratePerSecond);
    const nowMs = this.now();
    this.isEmptyAt(nowMs);
    change(nowMs);
    const toPerSecond = (this.#toldPerSecond = this.meter.ratePerSecond);
    this.changed(nowMs);
    if (toPerSecond !== fromPerSecond && rateChangeChannel.hasSubscribers) {
      rateChangeChannel.publish({ name: this.name, fromPerSecond, toPerSecond });
    }
  }

  tell(permits: number, allowed: boolean, retryAfterMs: number): void {
    if (!decisionChannel.hasSubscribers) return;
    decisionChannel.publish({ name: this.name, key: undefined, permits, allowed, retryAfterMs });
  }

  #lastMomentOf(delayMs: number, context: Context | undefined): LastMoment | undefined {
    if (context?.deadline === undefined || !isDue(context.remaining(), delayMs)) return undefined;
    return new LastMoment(context, () => this.isEmptyAt(this.now()));
  }

  /** Serves whose time has come, and sets the timer for the next. */
  #serve(nowMs: number): void {
    for (;;) {
      this.#commit(nowMs);
      const head = this.#queue.head()?.tag;
      if (head === undefined) {
        this.#setTimer(Infinity, nowMs);
        this.meter.unwatch(this.#onMeterChange);
        return;
      }
      if (head.permits > this.meter.limit) {
        // Since it came, somebody has lowered the limit.
        this.#plannedSize = -1;
        head.lastMoment?.stopListening();
        this.#queue.reject(aboveLimit(head.permits, this.meter.limit));
        continue;
      }
      const dueMs = this.#turnOf(head, nowMs);
      if (!isDue(dueMs, nowMs)) {
        if (!isDue(dueMs, head.latestMs)) {
          // Since it came, somebody has changed the limit, or owes more.
          this.#refuseHead('max-wait', nowMs)();
        } else if (!this.#latest.fireFirst(nowMs)) {
          this.#setTimer(Math.min(dueMs, this.#latest.firstMs), nowMs);
          return;
        }
        continue;
      }
      this.meter.take(head.permits, nowMs);
      this.#plannedSize = -1;
      head.lastMoment?.stopListening();
      this.#queue.serve();
      this.tell(head.permits, true, 0);
      if (waitChannel.hasSubscribers) {
        const waitedMs = Math.max(0, nowMs - head.sinceMs);
        waitChannel.publish({ name: this.name, waitedMs, queued: this.#queue.size });
      }
    }
  }

  /** When the head is served, if nothing changes. */
  #turnOf({ permits, ticket }: Waiting, nowMs: number): number {
    const first = this.#reserved.at(0);
    if (first !== undefined && first.ticket < ticket) return first.atMs;
    // In another line than its own somebody may have been delayed: what was reserved behind him still keeps its time.
    const behind = this.meter.lendsAhead ? [...this.#reserved, ...this.promised()].sort(byTime) : this.promised();
    return dueBeside(behind, this.meter, permits, nowMs);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    // A timer that comes early by the clock is believed: the two may be faked apart.
    const nowMs = this.advance(Math.max(this.clock.now(), this.#timerMs));
    this.#timerMs = Infinity;
    this.#serve(nowMs);
  };

  readonly #onMeterChange = (): void => {
    this.changed();
  };

  #setTimer(dueMs: number, nowMs: number): void {
    if (this.#timer !== undefined) {
      // Rounding is no reason to wait anew, by a clock that may have stepped back.
      if (isDue(dueMs, this.#timerMs) && isDue(this.#timerMs, dueMs)) return;
      clearTimer(this.#timer);
      this.#timer = undefined;
    }
    this.#timerMs = dueMs;
    if (dueMs !== Infinity) this.#timer = this.clock.setTimeout(this.#onTimer, dueMs - nowMs);
  }

  /** Those reservations that nobody stands before, or whose time has come, take their permits from the meter. */
  #commit(nowMs: number): void {
    if (this.#reserved.length === 0 || this.#isLending) return;
    const ticket = this.#queue.head()?.tag.ticket ?? Infinity;
    for (let first = this.#reserved.at(0); first !== undefined; first = this.#reserved.at(0)) {
      const isFirst = first.ticket < ticket;
      if (!isDue(first.atMs, nowMs) && !(isFirst && this.#isLent(first, nowMs))) return;
      this.#isLending = true;
      try {
        first.loan = this.meter.lend(first.permits, first.atMs, first.places);
      } finally {
        this.#isLending = false;
        // Not before: those who wait for one of several limits may be served on the way.
        this.#reserved.popFront();
      }
      if (!isFirst) this.#plannedSize = -1;
    }
    this.meter.leave(this);
  }

  /** A bucket lends for the soonest time only: for a later one it could not say what runs over meanwhile, and give that back. */
  #isLent({ permits, atMs }: LineReservation, nowMs: number): boolean {
    const { lends, lendsAhead } = this.meter;
    return lends && (lendsAhead || isDue(atMs, this.meter.availableAt(permits, nowMs)));
  }

  #forget(reservation: LineReservation): void {
    this.#keepReserved([...this.#reserved].filter((one) => one !== reservation));
    if (this.#reserved.length === 0) this.meter.leave(this);
  }

  #keepReserved(kept: readonly LineReservation[]): void {
    this.#reserved.clear();
    for (const one of kept) this.#reserved.pushBack(one);
  }

  #planAt(nowMs: number): Meter | undefined {
    if (this.#plannedSize !== this.#queue.size) {
      this.#plan = this.#makePlan(nowMs, 0);
      this.#plannedSize = this.#queue.size;
      if (this.#plan === undefined) this.#unplanned = this.#permitsInLine(0);
    }
    return this.#plan;
  }

  /** Without the first ones. */
  #makePlan(nowMs: number, without: number): Meter | undefined {
    const plan = this.meter.copy();
    const reserved = this.#reserved[Symbol.iterator]();
    let reservation = reserved.next();
    let position = 0;
    for (const { permits, ticket } of this.#queue.tags()) {
      if (position++ < without || permits > plan.limit) continue;
      for (; !reservation.done && reservation.value.ticket < ticket; reservation = reserved.next()) {
        keep(plan, reservation.value);
      }
      const dueMs = dueOf(plan, permits, nowMs);
      if (dueMs === Infinity) return undefined;
      plan.take(permits, dueMs);
    }
    for (; !reservation.done; reservation = reserved.next()) keep(plan, reservation.value);
    return plan;
  }

  #findRoom(permits: number, nowMs: number): Room {
    const plan = this.metered(nowMs);
    const fullMs = this.#fullMs(plan, permits, nowMs, 0);
    if (fullMs > 0 && this.#dropsOldest) {
      for (let drops = 1; drops <= this.#queue.size; drops++) {
        const without = this.#makePlan(nowMs, drops);
        if (this.#fullMs(without, permits, nowMs, drops) > 0) continue;
        return { plan: without, dueMs: this.dueOn(without, permits, nowMs), drops, fullMs: 0 };
      }
    }
    return { plan, dueMs: this.dueOn(plan, permits, nowMs), drops: 0, fullMs };
  }

  /** How long there will be no room for one more. */
  #fullMs(plan: Meter | undefined, permits: number, nowMs: number, drops: number): number {
    const roomMs = this.#roomOn(plan, permits, nowMs, drops);
    if (!isDue(roomMs, nowMs)) return roomMs - nowMs;
    return this.#queue.size - drops < this.maxQueue ? 0 : dueOf(plan, permits, nowMs) - nowMs;
  }

  #roomOn(plan: Meter | undefined, permits: number, nowMs: number, drops: number): number {
    if (plan !== undefined) return plan.roomAt(permits, nowMs);
    if (permits === 0) return nowMs;
    return this.meter.roomAt(permits + (drops === 0 ? this.#unplanned : this.#permitsInLine(drops)), nowMs);
  }

  /** Without the first callers. */
  #permitsInLine(without: number): number {
    let sum = 0;
    let position = 0;
    for (const { permits } of this.#queue.tags()) if (position++ >= without) sum += permits;
    for (const { permits } of this.#reserved) sum += permits;
    return sum;
  }

  /** @returns what to tell when all is done */
  #drop(count: number, nowMs: number): (() => void)[] {
    return Array.from({ length: count }, () => this.#refuseHead('dropped', nowMs));
  }

  /** For whom the queue itself has no place, or no longer. */
  #refusal(reason: RateLimitReason, { permits, lastMoment }: Waiting): RateLimitError {
    const nowMs = this.meter.latestMs;
    const head = this.#queue.head()?.tag;
    // Nobody comes before the head.
    const headMs = head === undefined ? nowMs : this.#turnOf(head, nowMs);
    const retryAfterMs = Math.max(0, Math.max(headMs, this.meter.availableAt(permits, nowMs)) - nowMs);
    this.#plannedSize = -1;
    lastMoment?.stopListening();
    this.tell(permits, false, retryAfterMs);
    return this.error(reason, retryAfterMs);
  }

  #refuseHead(reason: RateLimitReason, nowMs: number): () => void {
    const head = this.#queue.head()?.tag;
    const permits = head?.permits ?? 0;
    const retryAfterMs = Math.max(0, this.meter.availableAt(permits, nowMs) - nowMs);
    this.#plannedSize = -1;
    head?.lastMoment?.stopListening();
    this.#queue.reject(this.error(reason, retryAfterMs));
    return () => {
      this.tell(permits, false, retryAfterMs);
    };
  }
}

export function aboveLimit(permits: number, limit: number): RangeError {
  return new RangeError(`permits must be at most the limit of ${limit}, got ${permits}`);
}

/** Where somebody could stand. */
interface Room {
  /** The meter when it is his turn; `undefined` if that never comes. */
  readonly plan: Meter | undefined;
  readonly dueMs: number;
  /** How many have to go for that. */
  readonly drops: number;
  /** How long there is none. */
  readonly fullMs: number;
}

/** On a meter after others: never before a reservation that stands in line. */
export function dueOf(plan: Meter | undefined, permits: number, nowMs: number): number {
  return plan === undefined ? Infinity : plan.availableAt(permits, Math.max(nowMs, plan.latestMs));
}

function byTime(one: Promised, other: Promised): number {
  return one.atMs - other.atMs;
}

/** As {@link dueOf}, but behind what is promised if that could not keep its time otherwise. */
export function dueBeside(
  promised: readonly Promised[],
  plan: Meter | undefined,
  permits: number,
  nowMs: number,
): number {
  const dueMs = dueOf(plan, permits, nowMs);
  if (promised.length === 0 || plan === undefined || dueMs === Infinity) return dueMs;
  const [before, behind] = [plan.copy(), plan.copy()];
  before.take(permits, dueMs);
  let isKept = true;
  for (const one of promised) {
    isKept &&= isDue(dueOf(before, one.permits, dueMs), one.atMs);
    keep(before, one);
    keep(behind, one);
  }
  return isKept ? dueMs : dueOf(behind, permits, nowMs);
}

/** The permits of somebody in line are taken at their time, and nobody who stands behind is served before. */
export function keep(plan: Meter, { permits, atMs }: Promised): void {
  plan.take(permits, plan.advance(atMs));
}

function tooLateFor(delayMs: number, maxWaitMs: number, context: Context | undefined): RateLimitReason | undefined {
  if (context?.deadline !== undefined && !isDue(delayMs, context.remaining())) return 'deadline';
  if (isDue(delayMs, maxWaitMs)) return undefined;
  return maxWaitMs === 0 ? 'limit' : 'max-wait';
}
