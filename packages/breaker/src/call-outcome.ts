/** How a call ended. Discriminated by `ok`, because `undefined` can be thrown. */
export type CallOutcome =
  | { readonly ok: true; readonly value: unknown; readonly error?: undefined; readonly durationMs: number }
  | { readonly ok: false; readonly error: unknown; readonly value?: undefined; readonly durationMs: number };

/** Whether a call counts as a failure; `'ignore'`: it says nothing about the target. */
export type Verdict = boolean | 'ignore';
