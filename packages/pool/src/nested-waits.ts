import type { TaskContext } from './task-context.ts';
import type { WaitingTask } from './waiting-task.ts';

/** What matters of a slot here. */
interface Waiter {
  readonly isCounted: boolean;
  awaits: number;
}

/** Which running tasks wait for tasks that they have submitted themselves: once all do, no slot can become free. */
export class NestedWaits {
  /** Of the tasks that take part in the limit. */
  #waiting = 0;
  /** What waits here and is waited for by a task that runs here, as it came. */
  readonly #inner = new Set<WaitingTask>();

  /** The task of `parent` waits for one task more. */
  begin(parent: TaskContext | undefined): void {
    const slot = parent?.slot;
    if (slot !== undefined && slot.awaits++ === 0 && slot.isCounted) this.#waiting++;
  }

  end(parent: TaskContext | undefined): void {
    const slot = parent?.slot;
    if (slot !== undefined && --slot.awaits === 0 && slot.isCounted) this.#waiting--;
  }

  /** It waits no longer, whatever is left of what it has submitted. */
  forget(slot: Waiter): void {
    if (slot.awaits > 0 && slot.isCounted) this.#waiting--;
    slot.awaits = 0;
  }

  queued(task: WaitingTask): void {
    this.#inner.add(task);
  }

  left(task: WaitingTask): void {
    this.#inner.delete(task);
  }

  /** Where all of the `counted` tasks wait: the youngest that one of them waits for. A task whose submitter has ended is nobody's. */
  youngestOfDeadlock(counted: number): WaitingTask | undefined {
    if (this.#inner.size === 0 || counted === 0 || this.#waiting < counted) return undefined;
    let youngest: WaitingTask | undefined;
    for (const task of this.#inner) if (task.watch?.parent?.slot !== undefined) youngest = task;
    return youngest;
  }

  /** Whether all of the `counted` tasks would wait once that of `parent` does too. */
  wouldStall({ slot }: TaskContext, counted: number): boolean {
    if (slot === undefined || counted === 0) return false;
    const becomesOne = slot.isCounted && slot.awaits === 0 ? 1 : 0;
    return this.#waiting + becomesOne >= counted;
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
