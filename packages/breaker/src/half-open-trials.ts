import { toleranceMs } from '@patterns/context/internal';

export interface Trial {
  readonly startedAtMs: number;
}

export interface HalfOpenOptions {
  /** Trials in all, and so at the same time. A trial that has ended frees no place, an ignored one does. @defaultValue 1 */
  readonly maxCalls?: number | undefined;
  /** Share of `maxCalls` that must succeed, in (0, 1]. Closes or opens as soon as the outcome is certain: with 1, at the first failure. @defaultValue 1 */
  readonly successRate?: number | undefined;
  /** A trial that takes this long counts as failed (reason `'trial-expired'`, noticed on the next use), so that half-open cannot stick. @defaultValue 30_000 */
  readonly maxDurationMs?: number | undefined;
}

export interface ResolvedHalfOpenOptions {
  readonly maxCalls: number;
  readonly successRate: number;
  readonly maxDurationMs: number;
}

/** The trials of one half-open period: who may try, who is late, and what follows from those that have ended. */
export class HalfOpenTrials {
  readonly #maxCalls: number;
  readonly #needed: number;
  readonly #maxDurationMs: number;
  /** Under way, the oldest first. */
  readonly #running = new Set<Trial>();
  #succeeded = 0;
  #failed = 0;

  constructor({ maxCalls, successRate, maxDurationMs }: ResolvedHalfOpenOptions) {
    this.#maxCalls = maxCalls;
    // 10 * 0.7 is a little more than 7.
    this.#needed = Math.max(1, Math.ceil(maxCalls * successRate - 1e-9));
    this.#maxDurationMs = maxDurationMs;
  }

  get hasPlace(): boolean {
    return this.#running.size + this.#succeeded + this.#failed < this.#maxCalls;
  }

  begin(startedAtMs: number): Trial {
    const trial = { startedAtMs };
    this.#running.add(trial);
    return trial;
  }

  isRunning(trial: Trial): boolean {
    return this.#running.has(trial);
  }

  /** Gives the place back. */
  ignore(trial: Trial): void {
    this.#running.delete(trial);
  }

  end(trial: Trial, failed: boolean): void {
    this.#running.delete(trial);
    if (failed) this.#failed++;
    else this.#succeeded++;
  }

  /** The oldest trial under way, if it has taken too long. */
  findExpired(nowMs: number): Trial | undefined {
    const oldest = this.#oldest();
    if (oldest === undefined || nowMs - oldest.startedAtMs < this.#maxDurationMs - toleranceMs) return undefined;
    return oldest;
  }

  /** What the next state is; `undefined` while it still depends on trials to come. */
  get verdict(): 'closed' | 'open' | undefined {
    if (this.#succeeded >= this.#needed) return 'closed';
    return this.#failed > this.#maxCalls - this.#needed ? 'open' : undefined;
  }

  /** Until the oldest trial expires; there is one whenever there is no place. */
  untilExpiryMs(nowMs: number): number {
    const startedAtMs = this.#oldest()?.startedAtMs ?? nowMs;
    return startedAtMs + this.#maxDurationMs - nowMs;
  }

  #oldest(): Trial | undefined {
    for (const trial of this.#running) return trial;
    return undefined;
  }
}
