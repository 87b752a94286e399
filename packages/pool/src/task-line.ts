import type { WaitingTask } from './waiting-task.ts';

/** Tasks in the order in which they came: an intrusive list, which any of them leaves in O(1), and where one costs no more than two of its own fields. */
export class TaskLine {
  first: WaitingTask | undefined = undefined;
  last: WaitingTask | undefined = undefined;

  push(task: WaitingTask): void {
    const { last } = this;
    task.previous = last;
    if (last === undefined) this.first = task;
    else last.next = task;
    this.last = task;
  }

  /** It has to be in this line. */
  remove(task: WaitingTask): void {
    const { next, previous } = task;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    // One that lives on must not keep all that came after it.
    task.next = task.previous = undefined;
  }
}
