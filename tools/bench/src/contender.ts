/** One operation; awaited if it returns a promise. */
export type Operation = () => unknown;

/** An operation on things that have to be there before, or to go away after, at nobody's cost. Made by {@link staged}. */
export interface Staged {
  /** How many units of work one run does: what is reported is the cost of one unit. */
  readonly per: number;
  prepare(): void;
  run(): unknown;
  cleanUp(): unknown;
}

export type Contender = Operation | Staged;

export interface StagedOptions<State> {
  readonly per: number;
  readonly prepare?: (() => State) | undefined;
  /** What is measured; awaited if it returns a promise. */
  readonly run: (state: State) => unknown;
  /** Awaited if it returns a promise. */
  readonly cleanUp?: ((state: State) => unknown) | undefined;
}

/**
 * A contender in stages, of which only `run` is measured. Use it for work in batches: an operation that takes less than a few microseconds
 * drowns in reading the clock.
 */
export function staged<State = undefined>({ per, prepare, run, cleanUp }: StagedOptions<State>): Staged {
  // Held here and not by whoever measures, which thus need not know its type. Let go of at the end, lest the next contender pays for it.
  let state: State | undefined;
  return {
    per,
    prepare: () => {
      state = prepare?.();
    },
    run: () => run(state as State),
    cleanUp: async () => {
      await cleanUp?.(state as State);
      state = undefined;
    },
  };
}
