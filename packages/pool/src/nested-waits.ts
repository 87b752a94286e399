import type { TaskContext } from './task-context.ts';
import type { WaitingTask } from './waiting-task.ts';

/** What matters of a slot here. */
interface Waiter {
  readonly isCounted: boolean;
  readonly parent: TaskContext | undefined;
  takesPart: boolean;
  awaits: number;
}

/**
 * Which running tasks wait for tasks that they have submitted themselves: once all do, no slot can become free. All are those inside the limit, and
 * those outside that one of them waits for: that one goes on when they end.
 */
export class NestedWaits {
  /** Of those that take part. */
  #waiting = 0;
  /** Those that take part outside the limit. */
  #outside = 0;
  /** What waits here and is waited for by a task that runs here, as it came. */
  readonly #inner = new Set<WaitingTask>();

  /** The task of `parent` waits for one task more. */
  begin(parent: TaskContext | undefined): void {
    const slot = parent?.slot;
    if (slot !== undefined && slot.awaits++ === 0 && slot.takesPart) this.#waiting++;
  }

  end(parent: TaskContext | undefined): void {
    const slot = parent?.slot;
    if (slot !== undefined && --slot.awaits === 0 && slot.takesPart) this.#waiting--;
  }

  /** It has begun to run outside the limit. */
  beginOutside(slot: Waiter): void {
    if (slot.parent?.slot?.takesPart !== true) return;
    slot.takesPart = true;
    this.#outside++;
  }

  /** Whoever has submitted it goes on, though the operation may still run. */
  settled(slot: Waiter): void {
    this.end(slot.parent);
    if (slot.isCounted || !slot.takesPart) return;
    slot.takesPart = false;
    this.#outside--;
    if (slot.awaits > 0) this.#waiting--;
  }

  /** It waits no longer, whatever is left of what it has submitted. */
  forget(slot: Waiter): void {
    if (slot.awaits > 0 && slot.takesPart) this.#waiting--;
    slot.awaits = 0;
  }

  queued(task: WaitingTask): void {
    this.#inner.add(task);
  }

  left(task: WaitingTask): void {
    this.#inner.delete(task);
  }

  /** Where all wait, of which `counted` are inside the limit: the youngest that one of them waits for. A task whose submitter has ended is nobody's. */
  youngestOfDeadlock(counted: number): WaitingTask | undefined {
    if (this.#inner.size === 0 || counted === 0 || this.#waiting < counted + this.#outside) return undefined;
    let youngest: WaitingTask | undefined;
    for (const task of this.#inner) if (task.watch?.parent?.slot !== undefined) youngest = task;
    return youngest;
  }

  /** Whether all would wait, of which `counted` are inside the limit, once the task of `parent` does too. */
  wouldStall({ slot }: TaskContext, counted: number): boolean {
    if (slot === undefined || counted === 0) return false;
    const becomesOne = slot.takesPart && slot.awaits === 0 ? 1 : 0;
    return this.#waiting + becomesOne >= counted + this.#outside;
  }
}

/** The task, of those that wait for one another down to that of `parent`, that runs under the key. */
export function holderOf(key: string | undefined, parent: TaskContext): TaskContext | undefined {
  if (key === undefined) return undefined;
  for (let task: TaskContext | undefined = parent; task?.slot !== undefined; task = task.slot.parent) {
    if (task.slot.spec.key === key) return task;
  }
  return undefined;
}
