import { LogHistogram } from '@patterns/structures';
import { rejectedChannel, taskChannel, type TaskOutcome, type TaskRefusal } from './diagnostics.ts';
import type { TaskPoolStats } from './pool-stats.ts';
import type { TaskSlot } from './task-slot.ts';

type Counts = 'submitted' | 'completed' | 'failed' | 'rejected' | 'canceled' | 'waitMs' | 'runMs';

/** What has become of the tasks of a pool since its construction, and who is told of it. */
export class TaskRecord {
  readonly #pool: string | undefined;
  #submitted = 0;
  #completed = 0;
  #failed = 0;
  #rejected = 0;
  #canceled = 0;
  readonly #waitMs = new LogHistogram();
  readonly #runMs = new LogHistogram();

  constructor(pool: string | undefined) {
    this.#pool = pool;
  }

  /** Tasks that have not settled yet. */
  get unsettled(): number {
    return this.#submitted - this.#completed - this.#failed - this.#rejected - this.#canceled;
  }

  submitted(): void {
    this.#submitted++;
  }

  refused(reason: TaskRefusal): void {
    if (reason === 'canceled') this.#canceled++;
    else this.#rejected++;
  }

  /** Told when it counts, and with it whatever is refused at the same time. */
  tellRefused(task: string | undefined, reason: TaskRefusal): void {
    if (rejectedChannel.hasSubscribers) rejectedChannel.publish({ name: this.#pool, task, reason });
  }

  started({ startedAtMs, submittedAtMs }: TaskSlot): void {
    this.#waitMs.record(Math.max(0, startedAtMs - submittedAtMs));
  }

  settled({ startedAtMs, submittedAtMs, spec }: TaskSlot, outcome: TaskOutcome, error: unknown, nowMs: number): void {
    if (outcome === 'completed') this.#completed++;
    else if (outcome === 'canceled') this.#canceled++;
    else this.#failed++;
    const runMs = Math.max(0, nowMs - startedAtMs);
    this.#runMs.record(runMs);
    if (!taskChannel.hasSubscribers) return;
    const waitMs = Math.max(0, startedAtMs - submittedAtMs);
    taskChannel.publish({ name: this.#pool, task: spec.name, outcome, waitMs, runMs, error });
  }

  counts(): Pick<TaskPoolStats, Counts> {
    return {
      submitted: this.#submitted,
      completed: this.#completed,
      failed: this.#failed,
      rejected: this.#rejected,
      canceled: this.#canceled,
      waitMs: this.#waitMs.summary(),
      runMs: this.#runMs.summary(),
    };
  }
}
