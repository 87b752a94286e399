import { PatternError, register, type ErrorKind, type PatternErrorOptions } from '@patterns/errors';

/**
 * A running task submitted to its own full pool with its own context (`signal`: its `ctx`, or one derived from it), and every other running task
 * waits like that already; or to its own key, with `serializeKeys`: none could ever end. A submission without that context is not recognised: see
 * `stallWarningMs`. `go` does not wait and is never refused for this. Kind `bug`: submit the inner task elsewhere, or run it in the outer one.
 */
export class NestedWaitError extends PatternError {
  static readonly code = 'ERR_NESTED_WAIT';
  static override readonly kind: ErrorKind = 'bug';
  static {
    Object.defineProperty(this.prototype, 'code', { value: this.code, configurable: true, writable: true });
    register(this);
  }

  declare readonly code: 'ERR_NESTED_WAIT';
  /** `name` of the task that runs. */
  readonly waiting: string | undefined;
  /** `name` of the task that it submitted. */
  readonly task: string | undefined;

  constructor(waiting: string | undefined, task: string | undefined, options?: Omit<PatternErrorOptions, 'code'>) {
    super(`${named(waiting)} would wait for ${named(task)}, which could never start`, options);
    this.waiting = waiting;
    this.task = task;
  }
}

function named(task: string | undefined): string {
  return task === undefined ? 'a task' : `task '${task}'`;
}
