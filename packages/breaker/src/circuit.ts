import { toleranceMs } from '@patterns/context/internal';
import type { ResolvedOptions } from './breaker-options.ts';
import type { BreakerSnapshot } from './breaker-snapshot.ts';
import type { BreakerStats } from './breaker-stats.ts';
import type { StateChangeReason } from './diagnostics.ts';
import { HalfOpenTrials, type Trial } from './half-open-trials.ts';
import { openTimeMs } from './open-time.ts';
import {
  retryAfterMs,
  type ClosedPeriod,
  type DisabledPeriod,
  type HalfOpenPeriod,
  type IsolatedPeriod,
  type OpenPeriod,
  type Period,
} from './period.ts';
import { RecentDurations } from './recent-durations.ts';
import { StateChanges } from './state-changes.ts';
import { Tally } from './tally.ts';

/**
 * The states of a breaker and what leads from one to another: outcomes, time, commands. Knows nothing of how calls are made.
 *
 * Wherever code of the user's runs (rules, `openMs`, listeners) it may use the breaker: what was known before has to be asked again after.
 */
export class Circuit {
  readonly #options: ResolvedOptions;
  readonly #changes: StateChanges;
  /** Without what time has brought about since it was last used: see {@link current}. */
  period: Period;
  lastError: unknown = undefined;
  /** Since construction or `reset`, as `rejected`. */
  ignored = 0;
  rejected = 0;
  #consecutiveOpens = 0;
  #durations: RecentDurations | undefined;
  /** The state for which `openMs` or a rule of the user's is being asked. Until they have answered, the present period is the last one, and time brings about no other. */
  #preparing: Period['state'] | undefined = undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#changes = new StateChanges(options.name, options.onStateChange);
    const nowMs = this.now();
    this.period = this.#restore(new Tally(options.name, options.trip, nowMs), nowMs);
    this.#durations = options.durations ? new RecentDurations(nowMs) : undefined;
  }

  now(): number {
    return this.#options.clock.now();
  }

  /** The period after everything that time has brought about. */
  current(nowMs: number): Period {
    // A loop, as listeners are told of each change, and may make others.
    for (;;) {
      const { period } = this;
      if (this.#preparing !== undefined) return period;
      if (period.state === 'open') {
        if (nowMs - period.openedAtMs < period.openMs - toleranceMs) return period;
        this.#enter(period, 'half-open', () => this.#halfOpen(nowMs), 'elapsed', nowMs);
      } else if (period.state === 'half-open') {
        const expired = period.trials.findExpired(nowMs);
        if (expired === undefined) return period;
        this.#expire(period, expired, nowMs);
      } else {
        return period;
      }
    }
  }

  /** In a period without trials, which has to be the present one. */
  count(failed: boolean, slow: boolean, error: unknown, nowMs: number): void {
    const { period } = this;
    if (failed) this.lastError = error;
    const trips = period.tally.record(failed, slow, nowMs);
    if (trips && period.state === 'closed') this.#open(period, 'rule', nowMs);
  }

  countTrial(
    period: HalfOpenPeriod,
    trial: Trial,
    failed: boolean,
    slow: boolean,
    error: unknown,
    nowMs: number,
  ): void {
    if (failed) this.lastError = error;
    period.trials.end(trial, failed);
    period.tally.record(failed, slow, nowMs);
    this.#conclude(period, 'trial-failed', nowMs);
  }

  recordDuration(durationMs: number, nowMs: number): void {
    this.#durations?.record(durationMs, nowMs);
  }

  open(): void {
    const nowMs = this.now();
    const period = this.current(nowMs);
    if (period.state === 'closed' || period.state === 'half-open') this.#open(period, 'manual', nowMs);
  }

  close(): void {
    const nowMs = this.now();
    const period = this.current(nowMs);
    if (period.state !== 'open' && period.state !== 'half-open') return;
    this.#enter(period, 'closed', () => this.#closed(nowMs), 'manual', nowMs);
  }

  /** One more reason for it; each has to be taken back by {@link release}. */
  isolate(): IsolatedPeriod {
    const nowMs = this.now();
    for (;;) {
      const period = this.current(nowMs);
      if (period.state === 'isolated') {
        period.handles++;
        return period;
      }
      const isolated: IsolatedPeriod = { state: 'isolated', tally: this.#tally(nowMs), below: period, handles: 1 };
      if (this.#enter(period, 'isolated', () => isolated, 'manual', nowMs)) return isolated;
    }
  }

  release(isolated: IsolatedPeriod): void {
    if (this.period !== isolated || --isolated.handles > 0) return;
    const nowMs = this.now();
    // A rule that is asked for it may isolate it once more, or disable or enable it: then it is asked again, for what holds now.
    while (this.period === isolated && isolated.handles === 0) {
      const { state } = isolated.below;
      const holds = (): boolean => isolated.handles === 0 && isolated.below.state === state;
      if (state === 'disabled') this.#enter(isolated, state, () => this.#disabled(nowMs), 'manual', nowMs, { holds });
      else this.#enter(isolated, 'closed', () => this.#closed(nowMs), 'manual', nowMs, { holds });
    }
  }

  disable(): void {
    const nowMs = this.now();
    const period = this.current(nowMs);
    if (period.state === 'isolated') period.below = this.#disabled(nowMs);
    else if (period.state !== 'disabled') {
      this.#enter(period, 'disabled', () => this.#disabled(nowMs), 'manual', nowMs);
    }
  }

  enable(): void {
    const nowMs = this.now();
    const period = this.current(nowMs);
    if (period.state === 'disabled') this.#enter(period, 'closed', () => this.#closed(nowMs), 'manual', nowMs);
    else if (period.state === 'isolated' && period.below.state === 'disabled') period.below = this.#closed(nowMs);
  }

  reset(): void {
    const nowMs = this.now();
    const forget = (): void => {
      this.lastError = undefined;
      this.ignored = 0;
      this.rejected = 0;
      if (this.#durations !== undefined) this.#durations = new RecentDurations(nowMs);
    };
    while (!this.#enter(this.current(nowMs), 'closed', () => this.#closed(nowMs), 'manual', nowMs, { alsoDo: forget }));
  }

  stats(period: Period, nowMs: number): BreakerStats {
    const { tally } = period;
    const { calls, failures, slow } = tally.counts(nowMs);
    return {
      state: period.state,
      calls,
      successes: calls - failures,
      failures,
      slow,
      ignored: this.ignored,
      rejected: this.rejected,
      failureRate: calls === 0 ? 0 : failures / calls,
      slowRate: calls === 0 ? 0 : slow / calls,
      consecutiveFailures: tally.consecutiveFailures,
      consecutiveSuccesses: tally.consecutiveSuccesses,
      consecutiveOpens: this.#consecutiveOpens,
      retryAfterMs: retryAfterMs(period, nowMs),
      durationMs: this.#durations?.summary(nowMs),
    };
  }

  snapshot(): BreakerSnapshot {
    const nowMs = this.now();
    const current = this.current(nowMs);
    const period = current.state === 'isolated' ? current.below : current;
    const leftMs = period.state === 'open' ? retryAfterMs(period, nowMs) : 0;
    const state = period.state === 'open' && leftMs === 0 ? 'half-open' : period.state;
    return { version: 1, state, retryAfterMs: leftMs, consecutiveOpens: this.#consecutiveOpens };
  }

  #restore(tally: Tally, nowMs: number): Period {
    const { initial } = this.#options;
    if (initial === undefined || initial.state === 'closed') return { state: 'closed', tally };
    this.#consecutiveOpens = initial.consecutiveOpens;
    if (initial.state === 'disabled') return { state: 'disabled', tally };
    const openMs = initial.state === 'open' ? initial.retryAfterMs : 0;
    return { state: 'open', tally, openedAtMs: nowMs, openMs };
  }

  /** It counts as failed; how it ends, and when, nobody may ever know. */
  #expire(period: HalfOpenPeriod, trial: Trial, nowMs: number): void {
    const slow = nowMs - trial.startedAtMs > this.#options.slowCallMs;
    period.trials.end(trial, true);
    period.tally.record(true, slow, nowMs);
    this.#conclude(period, 'trial-expired', nowMs);
  }

  #conclude(period: HalfOpenPeriod, reasonToOpen: StateChangeReason, nowMs: number): void {
    const { verdict } = period.trials;
    if (verdict === undefined || this.period !== period) return;
    if (verdict === 'open') this.#open(period, reasonToOpen, nowMs);
    else this.#enter(period, 'closed', () => this.#closed(nowMs), 'trial-succeeded', nowMs);
  }

  #open(from: Period, reason: StateChangeReason, nowMs: number): void {
    // Whoever is asked may call, and fail: it opens already.
    if (this.#preparing === 'open' || this.period !== from) return;
    this.#enter(from, 'open', () => this.#opened(nowMs), reason, nowMs);
  }

  /**
   * Says whether it has changed: not so where whoever was asked for it has changed the state, which is what holds then, or what `holds` says. Everybody
   * is told when the change is complete, with what `alsoDo` does.
   */
  #enter<Next extends Period>(
    from: Period,
    to: Next['state'],
    make: () => Next,
    reason: StateChangeReason,
    nowMs: number,
    { holds, alsoDo }: { holds?: () => boolean; alsoDo?: () => void } = {},
  ): boolean {
    const outer = this.#preparing;
    this.#preparing = to;
    let next: Next;
    let stats: BreakerStats | undefined;
    try {
      next = make();
      stats = this.#changes.areHeard && from.state !== to ? this.stats(from, nowMs) : undefined;
    } finally {
      this.#preparing = outer;
    }
    if (this.period !== from || holds?.() === false) return false;
    if (next.state === 'open') this.#consecutiveOpens++;
    else if (next.state === 'closed') this.#consecutiveOpens = 0;
    this.period = next;
    if (stats !== undefined) {
      this.#changes.add({
        name: this.#options.name,
        from: from.state,
        to,
        reason,
        atMs: nowMs,
        retryAfterMs: next.state === 'open' ? next.openMs : 0,
        error: this.lastError,
        stats,
      });
    }
    alsoDo?.();
    this.#changes.tell();
    return true;
  }

  #opened(nowMs: number): OpenPeriod {
    const openMs = openTimeMs(this.#options, this.#consecutiveOpens + 1, this.lastError);
    return { state: 'open', tally: this.#tally(nowMs), openedAtMs: nowMs, openMs };
  }

  #closed(nowMs: number): ClosedPeriod {
    return { state: 'closed', tally: this.#tally(nowMs) };
  }

  #disabled(nowMs: number): DisabledPeriod {
    return { state: 'disabled', tally: this.#tally(nowMs) };
  }

  #halfOpen(nowMs: number): HalfOpenPeriod {
    return { state: 'half-open', tally: this.#tally(nowMs), trials: new HalfOpenTrials(this.#options.halfOpen) };
  }

  #tally(nowMs: number): Tally {
    return Tally.start(this.#options, nowMs);
  }
}
