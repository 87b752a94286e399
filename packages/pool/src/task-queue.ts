import { BinaryHeap, type HeapEntry } from '@patterns/structures';
import type { KeyLine } from './key-line.ts';
import { TaskLine } from './task-line.ts';
import { VictimLine } from './victim-line.ts';
import type { WaitingTask } from './waiting-task.ts';

/** Tasks of one priority. */
export class Level {
  readonly priority: number;
  /** All of them, as they came. */
  readonly tasks: TaskLine = new TaskLine();
  /** While it has a task that may start. */
  ready: HeapEntry<Level> | undefined = undefined;
  /** Those of its tasks that may be dropped, in a queue that drops. */
  victims: VictimLine | undefined = undefined;
  /** While there are any. */
  droppable: HeapEntry<Level> | undefined = undefined;
  /** Keys that may have a turn, in a queue with keys. */
  turns: BinaryHeap<KeyLine> | undefined = undefined;
  /** Lines by key, where each level takes turns of its own. */
  lines: Map<string | undefined, KeyLine> | undefined = undefined;

  constructor(priority: number) {
    this.priority = priority;
  }

  /** Who of this level would be next. */
  get next(): WaitingTask | undefined {
    return this.turns === undefined ? this.tasks.first : this.turns.peek()?.first;
  }
}

export interface TaskQueueOptions {
  readonly ageingMs: number;
  /** Now, for ageing. */
  readonly now: () => number;
  /** Whether {@link TaskQueue.victim} will be asked for. */
  readonly drops: boolean;
}

/**
 * Tasks by priority, those of one priority as they came: a list for each priority in use, and a heap of the priorities. Adding and removing is
 * O(1), and O(log p) where a priority comes into use or goes, of which there are p; finding the next one too, or O(p) with ageing.
 */
export class TaskQueue {
  #size = 0;
  readonly #ageingMs: number;
  readonly #now: () => number;
  /** Of priority 0, which mostly is the only one: never forgotten. */
  protected readonly ordinary: Level = new Level(0);
  /** All that are in use. */
  readonly #levels = new Map<number, Level>();
  /** Those with a task that may start, the highest first. No two have the same priority: the difference is not NaN, infinities included. */
  readonly #ready = new BinaryHeap<Level>((a, b) => b.priority - a.priority);
  /** Those with victims, the lowest first. */
  readonly #droppable: BinaryHeap<Level> | undefined;

  constructor({ ageingMs, now, drops }: TaskQueueOptions) {
    this.#ageingMs = ageingMs;
    this.#now = now;
    this.#droppable = drops ? new BinaryHeap<Level>((a, b) => a.priority - b.priority) : undefined;
  }

  get size(): number {
    return this.#size;
  }

  add(task: WaitingTask): void {
    this.append(task);
  }

  /** It leaves without having started. */
  remove(task: WaitingTask): void {
    this.unlink(task);
  }

  /** It leaves to start. */
  take(task: WaitingTask): void {
    this.unlink(task);
  }

  /** Who would be next. */
  next(): WaitingTask | undefined {
    if (this.#size === 0) return undefined;
    return this.#ageingMs === Infinity ? this.#ready.peek()?.next : this.#nextByAge();
  }

  /** Whether a task of that priority would be next if it came now. Of the same priority, or by ageing of the same rank, it would stand behind. */
  outranks(priority: number): boolean {
    const next = this.next();
    return next === undefined || priority > this.#rankOf(next, this.#now());
  }

  /** Whether a task with that key may run now, as far as its key is concerned. */
  isFree(_key: string | undefined): boolean {
    return true;
  }

  /** A task with that key runs that has not come through the queue. */
  occupy(_key: string | undefined): void {
    // Nobody cares here.
  }

  /** A task with that key has ended. */
  vacate(_key: string | undefined): void {
    // As above.
  }

  /** Of those that may be dropped the first or the last that came of the lowest priority, unless that is higher than `priority`. Ageing does not count. */
  victim(priority: number, which: 'first' | 'last'): WaitingTask | undefined {
    const lowest = this.#droppable?.peek();
    return lowest === undefined || lowest.priority > priority ? undefined : lowest.victims?.[which];
  }

  /** Empties it. */
  takeAll(): WaitingTask[] {
    const all: WaitingTask[] = [];
    for (const level of [this.ordinary, ...this.#levels.values()]) {
      for (let task = level.tasks.first; task !== undefined; task = level.tasks.first) {
        this.remove(task);
        all.push(task);
      }
    }
    return all;
  }

  protected append(task: WaitingTask): Level {
    const level = this.levelOf(task.spec.priority);
    const wasEmpty = level.tasks.first === undefined;
    level.tasks.push(task);
    this.#size++;
    if (wasEmpty && level.turns === undefined) this.markReady(level);
    if (this.#droppable !== undefined && !task.spec.alwaysWaits) {
      (level.victims ??= new VictimLine()).push(task);
      level.droppable ??= this.#droppable.push(level);
    }
    return level;
  }

  protected unlink(task: WaitingTask): void {
    const level = this.levelOf(task.spec.priority);
    level.tasks.remove(task);
    this.#size--;
    if (this.#droppable !== undefined && !task.spec.alwaysWaits) this.#spare(task, level);
    if (level.tasks.first !== undefined) return;
    if (level.turns === undefined) this.markUnready(level);
    this.#levels.delete(level.priority);
  }

  protected markReady(level: Level): void {
    level.ready ??= this.#ready.push(level);
  }

  protected markUnready(level: Level): void {
    if (level.ready === undefined) return;
    this.#ready.delete(level.ready);
    level.ready = undefined;
  }

  /** Completes a level that comes into use. */
  protected equip(_level: Level): void {
    // Without keys it needs nothing.
  }

  protected levelOf(priority: number): Level {
    // -0 is 0 here, and in a Map.
    if (priority === 0) return this.ordinary;
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new Level(priority);
      this.equip(level);
      this.#levels.set(priority, level);
    }
    return level;
  }

  #rankOf({ spec: { priority }, submittedAtMs }: WaitingTask, nowMs: number): number {
    if (this.#ageingMs === Infinity) return priority;
    return priority + Math.floor(Math.max(0, nowMs - submittedAtMs) / this.#ageingMs);
  }

  /** It is no victim any more. */
  #spare(task: WaitingTask, level: Level): void {
    level.victims?.remove(task);
    if (level.victims?.first !== undefined) return;
    if (level.droppable !== undefined) this.#droppable?.delete(level.droppable);
    level.droppable = undefined;
  }

  /** Which priority has the oldest tasks changes with time, so that no order can be kept. */
  #nextByAge(): WaitingTask | undefined {
    const nowMs = this.#now();
    let best: WaitingTask | undefined;
    let bestRank = -Infinity;
    const consider = (level: Level): void => {
      const task = level.next;
      if (task === undefined) return;
      const rank = this.#rankOf(task, nowMs);
      if (best === undefined || rank > bestRank || (rank === bestRank && task.submittedAtMs < best.submittedAtMs)) {
        best = task;
        bestRank = rank;
      }
    };
    consider(this.ordinary);
    for (const level of this.#levels.values()) consider(level);
    return best;
  }
}
