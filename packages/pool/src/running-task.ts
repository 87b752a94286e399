/** A task that runs, as it is at the moment. */
export interface RunningTask {
  readonly name: string | undefined;
  readonly key: string | undefined;
  readonly priority: number;
  readonly weight: number;
  /** From submission to start. */
  readonly waitMs: number;
  /** Since its start. */
  readonly runMs: number;
  /** Its promise has settled, by a timeout or its signal, and what it does has not ended yet: it is slow to hear its context, or deaf. */
  readonly settled: boolean;
}
