import type { Operation } from '@patterns/context';
import { promiseOf } from './settler.ts';
import type { TaskSlot } from './task-slot.ts';
import { plainSpec, type TaskSpec } from './task-spec.ts';
import type { TaskWatch } from './task-watch.ts';

/** Passed through the gate instead of a slot: the task will never start. */
export class Refusal {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/**
 * A task that waits: at once its entry in the queue's list and what holds its gate shut. The gate is a promise on which the submitter has
 * registered the reaction that starts the task, so that the task runs in the AsyncLocalStorage context of the submitter.
 *
 * A million of these are a reason to count bytes: fields are assigned rather than defined, and what only few tasks need is in {@link TaskWatch}.
 */
export class WaitingTask {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new WaitingTask(() => undefined, plainSpec, NaN);

  declare readonly operation: Operation<unknown>;
  declare readonly spec: TaskSpec;
  declare readonly submittedAtMs: number;
  /** Lets it through, to start in that slot or to be refused. */
  declare open: ((turn: TaskSlot | Refusal) => void) | undefined;
  declare next: WaitingTask | undefined;
  declare previous: WaitingTask | undefined;
  /** A field that only {@link WatchedTask} and tasks with keys have. */
  declare watch?: TaskWatch | undefined;
  /** Fields that only {@link DroppableTask} and tasks with keys have. */
  declare nextVictim?: WaitingTask | undefined;
  declare previousVictim?: WaitingTask | undefined;

  constructor(operation: Operation<unknown>, spec: TaskSpec, submittedAtMs: number) {
    this.operation = operation;
    this.spec = spec;
    this.submittedAtMs = submittedAtMs;
    this.open = undefined;
    this.next = undefined;
    this.previous = undefined;
  }
}

/** One with a signal or a time limit. */
export class WatchedTask extends WaitingTask {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static override readonly specimen: object = /* @__PURE__ */ new WatchedTask(() => undefined, plainSpec, NaN);

  override watch: TaskWatch | undefined = undefined;
}

/** One that may have to give up its place for another. */
export class DroppableTask extends WatchedTask {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static override readonly specimen: object = /* @__PURE__ */ new DroppableTask(() => undefined, plainSpec, NaN);

  override nextVictim: WaitingTask | undefined = undefined;
  override previousVictim: WaitingTask | undefined = undefined;
}

let opened: ((turn: TaskSlot | Refusal) => void) | undefined;

function capture(open: (turn: TaskSlot | Refusal) => void): void {
  opened = open;
}

/** Called by the submitter: what the task ends with. With an observer, which is told of it, nobody need look at it. */
export function waitForTurn(task: WaitingTask): Promise<unknown> {
  const gate = new Promise<TaskSlot | Refusal>(capture);
  task.open = opened;
  opened = undefined;
  return gate.then(takeTurn);
}

function takeTurn(turn: TaskSlot | Refusal): Promise<unknown> | undefined {
  // Whatever was thrown.
  if (turn instanceof Refusal) throw turn.error;
  const outcome = turn.spec.observer === undefined ? promiseOf(turn) : undefined;
  turn.begin();
  return outcome;
}
