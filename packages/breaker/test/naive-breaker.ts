/** What the model keeps of a call that counted. */
interface Event {
  readonly atMs: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

export interface NaiveRules {
  /** In a row; 0: no such rule. */
  readonly consecutive: number;
  readonly window: { readonly calls: number } | { readonly ms: number; readonly buckets: number };
  readonly failureThreshold: number;
  readonly slowThreshold: number;
  readonly minimumCalls: number;
}

export interface NaiveOptions {
  readonly rules: NaiveRules;
  readonly openMs: number;
  readonly maxCalls: number;
  readonly needed: number;
  readonly maxDurationMs: number;
  readonly slowMs: number;
}

export interface NaiveCall {
  readonly period: number;
  readonly startedAtMs: number;
  isOver: boolean;
}

/**
 * A breaker as slow and plain as can be: a list of everything that happened since the last state change, gone through from the beginning
 * for every question. All times are whole milliseconds.
 */
export class NaiveBreaker {
  state: 'closed' | 'open' | 'half-open' | 'isolated' | 'disabled' = 'closed';
  ignored = 0;
  rejected = 0;
  opens = 0;
  handles = 0;
  #isDisabledBelow = false;
  readonly #options: NaiveOptions;
  #period = 0;
  #sinceMs = 0;
  #events: Event[] = [];
  #trials: NaiveCall[] = [];

  constructor(options: NaiveOptions) {
    this.#options = options;
  }

  look(nowMs: number): void {
    for (;;) {
      if (this.state === 'open' && nowMs >= this.#sinceMs + this.#options.openMs) this.#become('half-open', nowMs);
      if (this.state !== 'half-open') return;
      const late = this.#trials.find(
        (trial) => !trial.isOver && nowMs - trial.startedAtMs >= this.#options.maxDurationMs,
      );
      if (late === undefined) return;
      late.isOver = true;
      const slow = nowMs - late.startedAtMs > this.#options.slowMs;
      this.#events.push({ atMs: nowMs, failed: true, slow });
      this.#judgeTrials(nowMs);
    }
  }

  admit(nowMs: number): NaiveCall | undefined {
    this.look(nowMs);
    const call = { period: this.#period, startedAtMs: nowMs, isOver: false };
    if (this.state === 'closed' || this.state === 'disabled') return call;
    if (this.state === 'half-open' && this.places > 0) {
      this.#trials.push(call);
      return call;
    }
    this.rejected++;
    return undefined;
  }

  get places(): number {
    return this.#options.maxCalls - this.#trials.length;
  }

  settle(call: NaiveCall, outcome: 'success' | 'failure' | 'ignore', nowMs: number): void {
    if (call.period === this.#period && this.state === 'half-open') this.look(nowMs);
    if (call.isOver || call.period !== this.#period) return;
    call.isOver = true;
    if (outcome === 'ignore') {
      this.ignored++;
      this.#trials = this.#trials.filter((trial) => trial !== call);
      return;
    }
    const failed = outcome === 'failure';
    const slow = nowMs - call.startedAtMs > this.#options.slowMs;
    this.#events.push({ atMs: nowMs, failed, slow });
    if (this.state === 'half-open') this.#judgeTrials(nowMs);
    else if (this.state === 'closed' && this.#trips(failed, slow, nowMs)) this.#become('open', nowMs);
  }

  command(name: 'open' | 'close' | 'disable' | 'enable' | 'reset' | 'isolate' | 'release', nowMs: number): void {
    this.look(nowMs);
    const { state } = this;
    if (name === 'open' && (state === 'closed' || state === 'half-open')) this.#become('open', nowMs);
    if (name === 'close' && (state === 'open' || state === 'half-open')) this.#become('closed', nowMs);
    if (name === 'enable' && state === 'disabled') this.#become('closed', nowMs);
    if (name === 'disable' && state !== 'disabled' && state !== 'isolated') this.#become('disabled', nowMs);
    if (name === 'disable' && state === 'isolated') this.#isDisabledBelow = true;
    if (name === 'enable' && state === 'isolated') this.#isDisabledBelow = false;
    if (name === 'isolate' && this.handles++ === 0) {
      this.#isDisabledBelow = state === 'disabled';
      this.#become('isolated', nowMs);
    }
    if (name === 'release' && this.handles > 0 && --this.handles === 0) {
      this.#become(this.#isDisabledBelow ? 'disabled' : 'closed', nowMs);
    }
    if (name === 'reset') {
      this.#become('closed', nowMs);
      this.handles = this.ignored = this.rejected = 0;
    }
  }

  inWindow(nowMs: number): readonly Event[] {
    const { window } = this.#options.rules;
    if ('calls' in window) return this.#events.slice(-window.calls);
    const bucketMs = window.ms / window.buckets;
    const beginning = (atMs: number): number => Math.floor((atMs - this.#sinceMs) / bucketMs) * bucketMs;
    return this.#events.filter(({ atMs }) => nowMs - this.#sinceMs - beginning(atMs) < window.ms);
  }

  run(failed: boolean): number {
    return this.#events.length - 1 - this.#events.map((event) => event.failed).lastIndexOf(!failed);
  }

  retryAfterMs(nowMs: number): number {
    if (this.state === 'isolated') return Infinity;
    if (this.state === 'open') return this.#sinceMs + this.#options.openMs - nowMs;
    if (this.state !== 'half-open' || this.places > 0) return 0;
    const starts = this.#trials.filter(({ isOver }) => !isOver).map(({ startedAtMs }) => startedAtMs);
    return Math.min(1_000, Math.min(...starts) + this.#options.maxDurationMs - nowMs);
  }

  #trips(failed: boolean, slow: boolean, nowMs: number): boolean {
    const { consecutive, failureThreshold, slowThreshold, minimumCalls } = this.#options.rules;
    if (consecutive > 0 && failed && this.run(true) >= consecutive) return true;
    const calls = this.inWindow(nowMs);
    if (calls.length < minimumCalls) return false;
    const failures = calls.filter((call) => call.failed).length;
    const slows = calls.filter((call) => call.slow).length;
    return (failed && failures / calls.length >= failureThreshold) || (slow && slows / calls.length >= slowThreshold);
  }

  #judgeTrials(nowMs: number): void {
    const successes = this.#events.filter(({ failed }) => !failed).length;
    const failures = this.#events.length - successes;
    if (successes >= this.#options.needed) this.#become('closed', nowMs);
    else if (this.#options.maxCalls - failures < this.#options.needed) this.#become('open', nowMs);
  }

  #become(state: NaiveBreaker['state'], nowMs: number): void {
    this.state = state;
    this.#period++;
    this.#sinceMs = nowMs;
    this.#events = [];
    this.#trials = [];
    if (state === 'open') this.opens++;
    if (state === 'closed') this.opens = 0;
  }
}
