import { brand, defineHidden, isInstanceAcrossCopies } from './brand.ts';
import { messageOf } from './message-of.ts';
import { isNullish } from './nullish.ts';

/** Made by {@link join}; also an instance of `PatternError`, by brand. Its message is one line for each error; `errors` is frozen. */
export class JoinedError extends AggregateError {
  static readonly code: 'ERR_JOINED' = 'ERR_JOINED' as const;
  readonly code: 'ERR_JOINED' = 'ERR_JOINED' as const;
  declare errors: unknown[];

  static {
    defineHidden(this.prototype, brand, true);
    defineHidden(this.prototype, 'name', 'JoinedError');
  }

  constructor(errors: Iterable<unknown>) {
    const list = [...errors];
    super(list, list.map(messageOf).join('\n'));
    Object.freeze(this.errors);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstanceAcrossCopies(this, value);
  }
}

/** One error of several, in order; drops `null` and `undefined`, nested joins stay nested, a single error is wrapped too. `undefined` when nothing is left. */
export function join(...errs: readonly unknown[]): JoinedError | undefined {
  const errors = errs.filter((err) => !isNullish(err));
  return errors.length === 0 ? undefined : new JoinedError(errors);
}
