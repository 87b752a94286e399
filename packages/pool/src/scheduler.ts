import {
  CanceledError,
  createKey,
  withCancel,
  type CancelableContext,
  type Clock,
  type Context,
  type ContextKey,
  type Operation,
  type WaitOptions,
} from '@patterns/context';
import { clearTimer, endIfOverdue } from '@patterns/context/internal';
import { resizeChannel, type TaskOutcome, type TaskRefusal } from './diagnostics.ts';
import { EndWatch } from './end-watch.ts';
import { KeyedTask } from './key-line.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { NestedWaitError } from './nested-wait-error.ts';
import { holderOf, NestedWaits } from './nested-waits.ts';
import { OccupancyWaits, passedDeadline } from './occupancy-waits.ts';
import { PoolClosedError } from './pool-closed-error.ts';
import { PoolFullError } from './pool-full-error.ts';
import type { TaskPoolStats } from './pool-stats.ts';
import type { RunningTask } from './running-task.ts';
import { promiseOf } from './settler.ts';
import { StallWatch } from './stall-watch.ts';
import type { TaskContext } from './task-context.ts';
import { TaskLine } from './task-line.ts';
import type { ResolvedOptions } from './task-pool-options.ts';
import { TaskQueue } from './task-queue.ts';
import { TaskRecord } from './task-record.ts';
import { TaskSlot, type SlotOwner } from './task-slot.ts';
import { plainSpec, type TaskSpec } from './task-spec.ts';
import { TaskTimeoutError } from './task-timeout-error.ts';
import { TaskWatch } from './task-watch.ts';
import { DroppableTask, Refusal, WaitingTask, WatchedTask, waitForTurn } from './waiting-task.ts';

/** A task that finds a free slot starts in a reaction to this, registered by its submitter. */
const ready = Promise.resolve();
/** Slots that are kept for the next tasks. */
const mostFreeSlots = 1_000;

/** Decides which task runs when. Every change comes down to {@link #flow}, which starts what may start and tells who waits for that. */
export class Scheduler implements SlotOwner {
  readonly name: string | undefined;
  readonly clock: Clock;
  readonly taskKey: ContextKey<TaskContext | undefined> = createKey<TaskContext | undefined>('pool.task');
  readonly #record: TaskRecord;
  readonly #root: CancelableContext;
  readonly #end: EndWatch;
  readonly #maxQueue: number;
  readonly #overflow: ResolvedOptions['overflow'];
  readonly #hasKeys: boolean;
  readonly #drops: boolean;
  readonly #queue: TaskQueue;
  /** Those who wait for a place in the queue. None, unless the queue is full. */
  readonly #line = new TaskLine();
  #lineSize = 0;
  readonly #running: TaskSlot[] = [];
  readonly #freeSlots: TaskSlot[] = [];
  readonly #nested = new NestedWaits();
  readonly #occupancy = new OccupancyWaits();
  readonly #stalls: StallWatch;
  #concurrency: number;
  /** Of what runs inside the limit, and how many tasks that is. */
  #weight = 0;
  #counted = 0;
  #isPaused = false;
  #isClosed = false;
  #closing: Promise<void> | undefined = undefined;
  #onAllSettled: (() => void) | undefined = undefined;

  constructor(options: ResolvedOptions) {
    this.name = options.name;
    this.#record = new TaskRecord(options.name);
    this.clock = options.clock;
    this.#concurrency = options.concurrency;
    this.#maxQueue = options.maxQueue;
    this.#overflow = options.overflow;
    this.#root = withCancel(options.signal);
    this.#end = new EndWatch(this.#root, (cause) => {
      this.#endWith(cause);
    });
    const { ageingMs, fairness, serializeKeys } = options;
    const drops = options.overflow === 'drop-oldest' || options.overflow === 'drop-newest';
    const now = (): number => options.clock.now();
    this.#drops = drops;
    this.#hasKeys = fairness === 'round-robin' || serializeKeys;
    this.#queue = this.#hasKeys
      ? new KeyedQueue({ ageingMs, now, drops, fairness, serializeKeys })
      : new TaskQueue({ ageingMs, now, drops });
    this.#stalls = new StallWatch(options.clock, options.stallWarningMs, () => ({
      name: options.name,
      active: this.active,
      queued: this.size,
    }));
    this.#end.start();
  }

  get context(): Context {
    return this.#root;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  get size(): number {
    return this.#queue.size + this.#lineSize;
  }

  get active(): number {
    return this.#running.length;
  }

  /** Undefined for a task that has an observer. `nowMs` where the clock has just been read. */
  submit(operation: Operation<unknown>, spec: TaskSpec, nowMs: number = NaN): Promise<unknown> | undefined {
    const { caller } = spec;
    // Before it counts: a context that is written by hand may throw. Or it has null where there is nothing.
    const parent = caller === undefined || !spec.isAwaited ? undefined : (caller.value(this.taskKey) ?? undefined);
    if (caller?.done === true) return this.#refuse(spec, 'canceled', caller.cause);
    if (this.#isClosed) return this.#refuse(spec, 'closed', this.#closedError());
    if (this.#mayStart(spec)) return this.#startNow(operation, spec, nowMs, true, parent);
    const isFull = this.#lineSize > 0 || this.#queue.size >= this.#maxQueue;
    const overflow = !isFull ? undefined : spec.alwaysWaits ? 'wait' : this.#overflow;
    if (overflow === 'caller-runs' && this.#queue.isFree(spec.key)) {
      return this.#startNow(operation, spec, nowMs, false, parent);
    }
    if (caller?.deadline !== undefined && caller.remaining() <= 0) {
      return this.#refuse(spec, 'canceled', causeOfOverdue(caller));
    }
    if (spec.queueTimeoutMs === 0) {
      return this.#refuse(spec, 'queue-timeout', new TaskTimeoutError('queue', 0, { policy: this.name }));
    }
    let victim: WaitingTask | undefined;
    if (overflow === 'drop-oldest') victim = this.#queue.victim(spec.priority, 'first');
    else if (overflow === 'drop-newest') victim = this.#queue.victim(spec.priority, 'last');
    if (isFull && overflow !== 'wait' && victim === undefined) {
      return this.#refuse(spec, 'queue-full', new PoolFullError(undefined, { policy: this.name }));
    }
    const deadlock = parent === undefined ? undefined : this.#deadlockOf(spec, parent);
    if (deadlock !== undefined) return this.#refuse(spec, 'nested-wait', deadlock);
    return this.#enqueue(operation, spec, parent, overflow === 'wait', victim);
  }

  /** Undefined if it would have to wait. */
  trySubmit(operation: Operation<unknown>, spec: TaskSpec): Promise<unknown> | undefined {
    const isHopeless = spec.caller?.done === true || this.#isClosed;
    return isHopeless || this.#mayStart(spec) ? this.submit(operation, spec) : undefined;
  }

  resize(concurrency: number): void {
    const from = this.#concurrency;
    this.#concurrency = concurrency;
    this.#flow();
    if (resizeChannel.hasSubscribers) resizeChannel.publish({ name: this.name, from, to: concurrency });
  }

  pause(): void {
    if (!this.#isClosed) this.#isPaused = true;
    this.#flow();
  }

  resume(): void {
    this.#isPaused = false;
    this.#flow();
  }

  clear(reason: unknown): number {
    return this.#refuseWaiting('cleared', () => reason ?? new CanceledError('cleared from the queue of the pool'));
  }

  whenBelow(n: number, options?: WaitOptions): Promise<void> {
    return this.#occupancy.untilBelow(n, this.size, options);
  }

  idle(options?: WaitOptions): Promise<void> {
    return this.#occupancy.untilIdle(this.active === 0 && this.size === 0, options);
  }

  /** Of tasks in that scope. Those that wait hear of it by themselves. */
  scopeEnded(scope: Context): void {
    for (const slot of this.#running.filter(({ spec }) => spec.caller === scope)) slot.cancel(scope.cause);
  }

  close(drain: boolean, timeoutMs: number): Promise<void> {
    if (this.#closing === undefined) {
      let follow!: (closing: Promise<void>) => void;
      // There before anybody hears of it, and calls it again.
      this.#closing = new Promise<void>((resolve) => {
        follow = resolve;
      });
      follow(this.#close(drain, timeoutMs));
    }
    return this.#closing;
  }

  stats(): TaskPoolStats {
    return {
      concurrency: this.#concurrency,
      active: this.active,
      queued: this.size,
      paused: this.#isPaused,
      closed: this.#isClosed,
      ...this.#record.counts(),
    };
  }

  running(): RunningTask[] {
    const nowMs = this.clock.now();
    return this.#running.map((slot) => slot.describe(nowMs));
  }

  taskStarted(slot: TaskSlot): void {
    this.#record.started(slot);
  }

  taskMissed(slot: TaskSlot, reason: 'canceled' | 'closed'): void {
    this.#countRefusal(slot.spec, reason);
    this.#nested.settled(slot);
  }

  taskSettled(slot: TaskSlot, outcome: TaskOutcome, error: unknown, nowMs: number): void {
    this.#nested.settled(slot);
    this.#stalls.settled(nowMs);
    this.#record.settled(slot, outcome, error, nowMs);
    this.#checkAllSettled();
  }

  slotFreed(slot: TaskSlot, isReusable: boolean, nowMs: number): void {
    const { spec, index } = slot;
    const last = this.#running.pop() as TaskSlot;
    if (last !== slot) {
      this.#running[index] = last;
      last.index = index;
    }
    if (slot.isCounted) {
      this.#counted--;
      // Of weights beyond all precision the sum would keep a rest.
      this.#weight = this.#counted === 0 ? 0 : this.#weight - spec.weight;
    }
    this.#nested.forget(slot);
    this.#queue.vacate(spec.key);
    // Nothing of the task is kept alive by the slot.
    slot.spec = plainSpec;
    slot.parent = undefined;
    if (isReusable && this.#freeSlots.length < mostFreeSlots) this.#freeSlots.push(slot);
    this.#flow(nowMs);
  }

  #mayStart(spec: TaskSpec): boolean {
    if (this.#isPaused || !this.#fits(spec.weight) || this.#lineSize > 0) return false;
    return this.#queue.outranks(spec.priority) && this.#queue.isFree(spec.key);
  }

  /** For the lightest task at least. */
  get #hasRoom(): boolean {
    return this.#weight < this.#concurrency;
  }

  /** Something that weighs more than everything, since a resize, runs alone. */
  #fits(weight: number): boolean {
    return this.#weight + weight <= this.#concurrency || this.#counted === 0;
  }

  #startNow(
    operation: Operation<unknown>,
    spec: TaskSpec,
    nowMs: number,
    isCounted: boolean,
    parent: TaskContext | undefined,
  ): Promise<unknown> | undefined {
    this.#record.submitted();
    const slot = this.#takeSlot(operation, spec, nowMs, nowMs, isCounted, parent);
    this.#queue.occupy(spec.key);
    this.#nested.begin(parent);
    const outcome = spec.observer === undefined ? promiseOf(slot) : undefined;
    void ready.then(slot.begin);
    return outcome;
  }

  #takeSlot(
    operation: Operation<unknown>,
    spec: TaskSpec,
    submittedAtMs: number,
    startedAtMs: number,
    isCounted: boolean,
    parent: TaskContext | undefined,
  ): TaskSlot {
    const slot = this.#freeSlots.pop() ?? new TaskSlot(this);
    slot.assign(operation, spec, submittedAtMs, startedAtMs, isCounted, parent);
    slot.index = this.#running.push(slot) - 1;
    if (isCounted) {
      this.#weight += spec.weight;
      this.#counted++;
    } else {
      this.#nested.beginOutside(slot);
    }
    return slot;
  }

  /** @param isOutside it stands before the queue @param victim whose place it takes */
  #enqueue(
    operation: Operation<unknown>,
    spec: TaskSpec,
    parent: TaskContext | undefined,
    isOutside: boolean,
    victim: WaitingTask | undefined,
  ): Promise<unknown> | undefined {
    const isWatched = spec.caller !== undefined || spec.queueTimeoutMs !== Infinity;
    const Task = this.#hasKeys ? KeyedTask : this.#drops ? DroppableTask : isWatched ? WatchedTask : WaitingTask;
    const task = new Task(operation, spec, this.clock.now());
    const watch = isWatched ? new TaskWatch(task, parent, isOutside, this.clock, this.name, this.#onLeave) : undefined;
    this.#record.submitted();
    const outcome = waitForTurn(task);
    this.#nested.begin(parent);
    if (victim !== undefined) this.#withdraw(victim);
    if (isOutside) {
      this.#line.push(task);
      this.#lineSize++;
    } else {
      this.#queue.add(task);
    }
    if (watch !== undefined) this.#watch(task, watch);
    if (victim !== undefined) {
      const message = 'dropped from the queue of the pool for another task';
      this.#refuseOne(victim, 'dropped', new PoolFullError(message, { policy: this.name }));
      this.#flow();
    }
    // It may have left, or another one, in whose place it has started.
    if (this.size > 0 && !this.#isPaused) this.#stalls.blocked();
    return spec.observer === undefined ? outcome : undefined;
  }

  #watch(task: WaitingTask, watch: TaskWatch): void {
    task.watch = watch;
    if (watch.parent !== undefined) this.#nested.queued(task);
    watch.start();
  }

  readonly #onLeave = (task: WaitingTask, cause: unknown, timedOut: boolean): void => {
    this.#withdraw(task);
    this.#refuseOne(task, timedOut ? 'queue-timeout' : 'canceled', cause);
    // What stands behind may be easier to start.
    this.#flow();
  };

  /** Takes it out of wherever it waits. */
  #withdraw(task: WaitingTask): void {
    if (task.watch?.isOutside === true) this.#leaveLine(task);
    else this.#queue.remove(task);
    this.#unwatch(task);
  }

  #unwatch(task: WaitingTask): void {
    const { watch } = task;
    if (watch === undefined) return;
    watch.stop();
    if (watch.parent !== undefined) this.#nested.left(task);
  }

  /**
   * Starts what may start, and tells everybody whom that concerns. What follows a task that has ended starts by its reading of the clock, which costs
   * as much as a promise: early by what the reactions to that end take, before it is called.
   */
  #flow(nowMs: number = NaN): void {
    do {
      while (!this.#isPaused && this.#hasRoom) {
        if (this.#lineSize > 0) this.#moveUp();
        const task = this.#nextTask();
        if (task === undefined || !this.#fits(task.spec.weight)) break;
        if (task.watch?.leavesInstead() !== true) this.#start(task, nowMs);
      }
    } while (!this.#isPaused && this.#breakDeadlock());
    if (this.#lineSize > 0) this.#moveUp();
    const { size } = this;
    if (size > 0 && !this.#isPaused) this.#stalls.blocked();
    else this.#stalls.flowing();
    if (this.#occupancy.isAwaited) this.#occupancy.changed(size, this.active);
  }

  /** Whoever stands before the queue comes in as soon as there is a place. */
  #moveUp(): void {
    for (let task = this.#line.first; task !== undefined; task = this.#line.first) {
      if (this.#queue.size >= this.#maxQueue) return;
      this.#leaveLine(task);
      this.#queue.add(task);
    }
  }

  /** Where there is no queue, or all that is in it waits for its key, the first in line is next itself. */
  #nextTask(): WaitingTask | undefined {
    const task = this.#queue.next();
    if (task !== undefined) return task;
    const { first } = this.#line;
    return first !== undefined && this.#queue.isFree(first.spec.key) ? first : undefined;
  }

  #start(task: WaitingTask, nowMs: number): void {
    const { operation, spec, submittedAtMs, watch } = task;
    if (task === this.#line.first) {
      this.#leaveLine(task);
      this.#queue.occupy(spec.key);
    } else {
      this.#queue.take(task);
    }
    this.#unwatch(task);
    task.open?.(this.#takeSlot(operation, spec, submittedAtMs, nowMs, true, watch?.parent));
  }

  #leaveLine(task: WaitingTask): void {
    this.#line.remove(task);
    this.#lineSize--;
    if (task.watch !== undefined) task.watch.isOutside = false;
  }

  #deadlockOf(spec: TaskSpec, parent: TaskContext): NestedWaitError | undefined {
    const holder = this.#queue.isFree(spec.key) ? undefined : holderOf(spec.key, parent);
    // Paused, it waits for something else.
    const waitsForSlot = !this.#isPaused || !this.#fits(spec.weight);
    if (holder === undefined && !(waitsForSlot && this.#nested.wouldStall(parent, this.#counted))) return undefined;
    return new NestedWaitError(parent.slot?.spec.name, spec.name, { policy: this.name });
  }

  /**
   * With weights and keys it may also come later than with a submission that all that runs waits for what waits: when the last task that did not has ended.
   * The youngest is refused then, so that who waits for it can end.
   */
  #breakDeadlock(): boolean {
    const youngest = this.#nested.youngestOfDeadlock(this.#counted);
    if (youngest === undefined) return false;
    const waiting = youngest.watch?.parent?.slot?.spec.name;
    this.#withdraw(youngest);
    this.#refuseOne(youngest, 'nested-wait', new NestedWaitError(waiting, youngest.spec.name, { policy: this.name }));
    return true;
  }

  /** What is refused at once. */
  #refuse(spec: TaskSpec, reason: TaskRefusal, error: unknown): Promise<never> | undefined {
    this.#record.submitted();
    this.#countRefusal(spec, reason);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's reason, whatever that is
    if (spec.observer === undefined) return Promise.reject(error);
    spec.observer.settled(false, error);
    spec.observer.ended(false, error, NaN);
    return undefined;
  }

  /** What has waited, and is withdrawn. */
  #refuseOne(task: WaitingTask, reason: TaskRefusal, error: unknown): void {
    this.#record.refused(reason);
    this.#tellRefused(task, reason, error);
  }

  #tellRefused({ spec, watch, open }: WaitingTask, reason: TaskRefusal, error: unknown): void {
    this.#announceRefusal(spec, reason);
    this.#nested.end(watch?.parent);
    if (spec.observer === undefined) {
      open?.(new Refusal(error));
    } else {
      spec.observer.settled(false, error);
      spec.observer.ended(false, error, NaN);
    }
  }

  /** All are withdrawn, and count, before the first is told: whatever comes meanwhile waits as usual. */
  #refuseWaiting(reason: 'cleared' | 'closed', makeError: () => unknown): number {
    const tasks = this.#queue.takeAll();
    for (let task = this.#line.first; task !== undefined; task = this.#line.first) {
      this.#leaveLine(task);
      tasks.push(task);
    }
    for (const task of tasks) this.#unwatch(task);
    for (let n = 0; n < tasks.length; n++) this.#record.refused(reason);
    for (const task of tasks) this.#tellRefused(task, reason, makeError());
    this.#flow();
    return tasks.length;
  }

  #countRefusal(spec: TaskSpec, reason: TaskRefusal): void {
    this.#record.refused(reason);
    this.#announceRefusal(spec, reason);
  }

  #announceRefusal({ name }: TaskSpec, reason: TaskRefusal): void {
    this.#record.tellRefused(name, reason);
    this.#checkAllSettled();
  }

  #closedError(): unknown {
    // Somebody else's reason, if it was somebody else who ended it.
    return this.#end.hasEnded ? this.#root.cause : new PoolClosedError(undefined, { policy: this.name });
  }

  /** From outside, by the signal of the pool. */
  #endWith(cause: unknown): void {
    this.#isClosed = true;
    this.#isPaused = false;
    this.#refuseWaiting('closed', () => cause);
    for (const slot of [...this.#running]) slot.cancel(cause);
  }

  async #close(drain: boolean, timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    this.#isPaused = false;
    if (drain) this.#flow();
    else this.#refuseWaiting('closed', () => this.#closedError());
    if (this.#record.unsettled > 0) {
      const settled = new Promise<void>((resolve) => {
        this.#onAllSettled = resolve;
      });
      const abandon = (): void => {
        this.#abandon();
      };
      const timer = timeoutMs === Infinity ? undefined : this.clock.setTimeout(abandon, timeoutMs);
      await settled;
      if (timer !== undefined) clearTimer(timer);
    }
    // Promises settle a few turns after the tasks, where they have followed another promise.
    for (let turn = 0; turn < 4; turn++) await ready;
    this.#end.stopListening();
    this.#root.cancel(new PoolClosedError(undefined, { policy: this.name }));
  }

  /** Nobody waits any longer for what still runs. */
  #abandon(): void {
    const cause = new PoolClosedError('still running when the pool was closed', { policy: this.name });
    this.#refuseWaiting('closed', () => this.#closedError());
    this.#end.stopListening();
    this.#root.cancel(cause);
    for (const slot of [...this.#running]) slot.abandon(cause);
  }

  #checkAllSettled(): void {
    if (this.#onAllSettled !== undefined && this.#record.unsettled === 0) this.#onAllSettled();
  }
}

/** Its timer is late. */
function causeOfOverdue(caller: Context): unknown {
  endIfOverdue(caller);
  return caller.done ? caller.cause : passedDeadline();
}
