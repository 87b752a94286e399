import { CanceledError } from './canceled-error.ts';
import { DeadlineExceededError } from './deadline-exceeded-error.ts';

/** Which deadline it was. */
export interface ExceededDeadline {
  readonly name: string | undefined;
  readonly timeoutMs: number | undefined;
}

/**
 * Why a context is done: one object, shared by everything that ended with it, so that all of them give the very same `err` and `cause`.
 * The errors are made when somebody asks: cancelling a tree that nobody waits on makes none.
 */
export class Ending {
  /** @internal Keeps V8 from forgetting the shape: docs/decisions/0010. */
  static readonly specimen: object = /* @__PURE__ */ new Ending(undefined);

  declare private error: CanceledError | DeadlineExceededError | undefined;
  declare private readonly customCause: unknown;
  declare private readonly deadline: ExceededDeadline | undefined;

  /** @param customCause `undefined` is none */
  constructor(customCause: unknown, deadline?: ExceededDeadline, err?: CanceledError | DeadlineExceededError) {
    this.customCause = customCause;
    this.deadline = deadline;
    this.error = err;
  }

  /** What an `AbortSignal` that has aborted says. */
  static ofSignal(signal: AbortSignal): Ending {
    const reason: unknown = signal.reason;
    if (isEndError(reason)) return new Ending(undefined, undefined, reason);
    return new Ending(reason, nameOf(reason) === 'TimeoutError' ? unknownDeadline : undefined);
  }

  /** Also of a signal or a context of somebody else's, as far as these say so. */
  get byDeadline(): boolean {
    return this.deadline !== undefined || this.error instanceof DeadlineExceededError;
  }

  get err(): CanceledError | DeadlineExceededError {
    return (this.error ??= this.#makeError());
  }

  get cause(): unknown {
    return this.customCause === undefined ? this.err : this.customCause;
  }

  #makeError(): CanceledError | DeadlineExceededError {
    const cause = this.customCause === undefined ? undefined : { cause: this.customCause };
    if (this.deadline === undefined) return new CanceledError(undefined, cause);
    const { name, timeoutMs } = this.deadline;
    return new DeadlineExceededError(undefined, { ...cause, deadlineName: name, timeoutMs });
  }
}

const unknownDeadline: ExceededDeadline = { name: undefined, timeoutMs: undefined };

function isEndError(reason: unknown): reason is CanceledError | DeadlineExceededError {
  return reason instanceof CanceledError || reason instanceof DeadlineExceededError;
}

/** Somebody else's reason may do anything when it is looked at, but not keep from ending what listens to its signal. */
function nameOf(reason: unknown): unknown {
  try {
    return typeof reason === 'object' && reason !== null ? (reason as { readonly name?: unknown }).name : undefined;
  } catch {
    return undefined;
  }
}
