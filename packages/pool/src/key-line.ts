import type { HeapEntry } from '@patterns/structures';
import type { Level } from './task-queue.ts';
import { plainSpec } from './task-spec.ts';
import { DroppableTask } from './waiting-task.ts';

/** One that is in the line of its key too. */
export class KeyedTask extends DroppableTask {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static override readonly specimen: object = /* @__PURE__ */ new KeyedTask(() => undefined, plainSpec, NaN);

  /** How many came before it. */
  order = 0;
  line: KeyLine | undefined = undefined;
  nextOfKey: KeyedTask | undefined = undefined;
  previousOfKey: KeyedTask | undefined = undefined;
}

/** What waits with one key, as it came. It takes turns with other keys as a whole. */
export class KeyLine {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new KeyLine(undefined);

  readonly key: string | undefined;
  first: KeyedTask | undefined = undefined;
  #last: KeyedTask | undefined = undefined;
  /** A task with the key runs, and the next has to wait for its end. */
  isBusy = false;
  /** The lower, the sooner. */
  turn = 0;
  /** Where it stands while it may have a turn. */
  level: Level | undefined = undefined;
  place: HeapEntry<KeyLine> | undefined = undefined;

  constructor(key: string | undefined) {
    this.key = key;
  }

  push(task: KeyedTask): void {
    const last = this.#last;
    task.line = this;
    task.previousOfKey = last;
    if (last === undefined) this.first = task;
    else last.nextOfKey = task;
    this.#last = task;
  }

  remove(task: KeyedTask): void {
    const { nextOfKey: next, previousOfKey: previous } = task;
    if (previous === undefined) this.first = next;
    else previous.nextOfKey = next;
    if (next === undefined) this.#last = previous;
    else next.previousOfKey = previous;
    task.line = task.nextOfKey = task.previousOfKey = undefined;
  }
}
