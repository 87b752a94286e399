import { BinaryHeap } from '@patterns/structures';
import { KeyLine, type KeyedTask } from './key-line.ts';
import { TaskQueue, type Level, type TaskQueueOptions } from './task-queue.ts';

export interface KeyedQueueOptions extends TaskQueueOptions {
  readonly fairness: 'fifo' | 'round-robin';
  readonly serializeKeys: boolean;
}

/**
 * A queue in which keys matter. Who is next within a priority is a line of tasks with one key, of which the first goes: in the order of these
 * first tasks, or in turns. With `serializeKeys` a key has one line over all priorities, which stands aside while a task with the key runs.
 */
export class KeyedQueue extends TaskQueue {
  readonly #takesTurns: boolean;
  readonly #serializes: boolean;
  /** By key, with `serializeKeys`: of those that wait or run. */
  readonly #lines = new Map<string, KeyLine>();
  #added = 0;
  #turns = 0;

  constructor(options: KeyedQueueOptions) {
    super(options);
    this.#takesTurns = options.fairness === 'round-robin';
    this.#serializes = options.serializeKeys;
    this.equip(this.ordinary);
  }

  override add(task: KeyedTask): void {
    task.order = ++this.#added;
    const level = this.append(task);
    const line = this.#lineFor(task, level);
    const wasEmpty = line.first === undefined;
    line.push(task);
    if (wasEmpty && !line.isBusy) this.#place(line, level);
  }

  override remove(task: KeyedTask): void {
    const line = task.line as KeyLine;
    const wasNext = line.first === task && line.place !== undefined;
    const { level, turn } = line;
    if (wasNext) this.#unplace(line);
    line.remove(task);
    this.unlink(task);
    if (!wasNext) return;
    if (line.first === undefined) {
      this.#forget(line, level as Level);
      return;
    }
    // The next one with the key moves up: it has waited for the same turn.
    const nextLevel = this.levelOf(line.first.spec.priority);
    this.#place(line, nextLevel);
    if (this.#takesTurns && nextLevel === level) this.#moveTo(line, level, turn);
  }

  override take(task: KeyedTask): void {
    const line = task.line as KeyLine;
    const level = line.level as Level;
    this.#unplace(line);
    line.remove(task);
    this.unlink(task);
    if (this.#serializes && line.key !== undefined) line.isBusy = true;
    else if (line.first === undefined) this.#forget(line, level);
    else this.#place(line, this.levelOf(line.first.spec.priority));
  }

  override isFree(key: string | undefined): boolean {
    return !this.#serializes || key === undefined || !this.#lines.has(key);
  }

  override occupy(key: string | undefined): void {
    if (!this.#serializes || key === undefined) return;
    const line = new KeyLine(key);
    line.isBusy = true;
    this.#lines.set(key, line);
  }

  override vacate(key: string | undefined): void {
    if (!this.#serializes || key === undefined) return;
    const line = this.#lines.get(key) as KeyLine;
    line.isBusy = false;
    if (line.first === undefined) this.#lines.delete(key);
    else this.#place(line, this.levelOf(line.first.spec.priority));
  }

  protected override equip(level: Level): void {
    level.turns = new BinaryHeap<KeyLine>((a, b) => a.turn - b.turn);
    if (this.#takesTurns) level.lines = new Map();
  }

  /** Tasks without a key share the turns of one, but need not wait for one another. */
  #lineFor({ spec: { key } }: KeyedTask, level: Level): KeyLine {
    if (key !== undefined && this.#serializes) return lineIn(this.#lines, key);
    return level.lines === undefined ? new KeyLine(undefined) : lineIn(level.lines, key);
  }

  #forget(line: KeyLine, level: Level): void {
    if (line.key !== undefined && this.#serializes) this.#lines.delete(line.key);
    else level.lines?.delete(line.key);
  }

  #place(line: KeyLine, level: Level): void {
    line.level = level;
    line.turn = this.#takesTurns ? ++this.#turns : (line.first as KeyedTask).order;
    line.place = (level.turns as BinaryHeap<KeyLine>).push(line);
    this.markReady(level);
  }

  #unplace(line: KeyLine): void {
    const level = line.level as Level;
    const turns = level.turns as BinaryHeap<KeyLine>;
    if (line.place !== undefined) turns.delete(line.place);
    line.place = line.level = undefined;
    if (turns.size === 0) this.markUnready(level);
  }

  #moveTo(line: KeyLine, level: Level, turn: number): void {
    line.turn = turn;
    if (line.place !== undefined) (level.turns as BinaryHeap<KeyLine>).update(line.place);
  }
}

function lineIn<K extends string | undefined>(lines: Map<K, KeyLine>, key: K): KeyLine {
  let line = lines.get(key);
  if (line === undefined) lines.set(key, (line = new KeyLine(key)));
  return line;
}
