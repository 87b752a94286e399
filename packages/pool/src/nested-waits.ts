import type { TaskContext } from './task-context.ts';

/** What matters of a slot here. */
interface Waiter {
  readonly isCounted: boolean;
  awaits: number;
}

/** Which running tasks wait for tasks that they have submitted themselves: once all do, no slot can become free. */
export class NestedWaits {
  /** Of the tasks that take part in the limit. */
  #waiting = 0;

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

  /** Whether all of the `counted` tasks wait. */
  isStalled(counted: number): boolean {
    return counted > 0 && this.#waiting >= counted;
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
