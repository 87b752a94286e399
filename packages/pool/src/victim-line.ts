import type { WaitingTask } from './waiting-task.ts';

/** Those of one priority that may be dropped, as they came. */
export class VictimLine {
  first: WaitingTask | undefined = undefined;
  last: WaitingTask | undefined = undefined;

  push(task: WaitingTask): void {
    const { last } = this;
    task.previousVictim = last;
    if (last === undefined) this.first = task;
    else last.nextVictim = task;
    this.last = task;
  }

  remove(task: WaitingTask): void {
    const { nextVictim: next, previousVictim: previous } = task;
    if (previous === undefined) this.first = next;
    else previous.nextVictim = next;
    if (next === undefined) this.last = previous;
    else next.previousVictim = previous;
    task.nextVictim = task.previousVictim = undefined;
  }
}
