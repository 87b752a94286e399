import { anyHolds, compileMatchers, type ErrorMatcher } from './error-matcher.ts';
import type { AttemptInfo } from './attempt.ts';

const attempt: AttemptInfo = { attempt: 1, elapsedMs: 0, previousError: undefined, idempotencyKey: 'key' };
const holds = (matchers: ErrorMatcher | readonly ErrorMatcher[], error: unknown): boolean | Promise<boolean> =>
  anyHolds(compileMatchers('retryIf', matchers), error, attempt);

/** What was written before there were classes. */
function LegacyError(this: { message: string }, message: string): void {
  this.message = message;
}
LegacyError.prototype = Object.create(Error.prototype) as object;

describe('a function among the matchers', () => {
  it('is a class if it inherits from Error in the old way', () => {
    const legacy = Reflect.construct(LegacyError, ['old']) as Error;
    const matcher = LegacyError as unknown as ErrorMatcher;
    expect(holds(matcher, new AggregateError([legacy]))).toBe(true);
    expect(holds(matcher, new Error('new'))).toBe(false);
  });

  it.each<[string, unknown]>([
    [
      'a function with an empty prototype',
      function (error: unknown) {
        return error === 'this one';
      },
    ],
    [
      'a function whose prototype is null',
      Object.assign(
        function (error: unknown) {
          return error === 'this one';
        },
        { prototype: null },
      ),
    ],
    [
      'a function whose prototype is a function',
      Object.assign(
        function (error: unknown) {
          return error === 'this one';
        },
        { prototype: Object.assign(() => undefined, { message: 'of a function' }) },
      ),
    ],
    [
      'a frozen function',
      Object.freeze(function (error: unknown) {
        return error === 'this one';
      }),
    ],
    ['an arrow function', (error: unknown) => error === 'this one'],
  ])('is a predicate otherwise, asked about the error alone: %s', (_, predicate) => {
    const answers = ['this one', 'that one', new AggregateError(['this one'])].map((error) =>
      holds(predicate as ErrorMatcher, error),
    );
    expect(answers).toEqual([true, false, false]);
  });

  it('is a class if it was declared with class, whatever it inherits from', () => {
    class Interrupt {
      readonly at = 7;
    }
    expect(holds(Interrupt as ErrorMatcher, new Error('wrapped', { cause: new Interrupt() }))).toBe(true);
    expect(holds(Interrupt as ErrorMatcher, new Error('another'))).toBe(false);
  });
});

describe('the answer', () => {
  it('is no promise unless a predicate gave one', async () => {
    expect(holds([() => false, () => true], 'error')).toBe(true);
    expect(holds([() => false], 'error')).toBe(false);
    const late = holds([() => false, async () => Promise.resolve(true)], 'error');
    expect(late).toBeInstanceOf(Promise);
    expect(await late).toBe(true);
  });

  it('is no if a predicate returns nothing', () => {
    expect(holds([() => undefined as never, () => null as never], 'error')).toBe(false);
  });

  it('takes no further predicate than needed', async () => {
    const asked: string[] = [];
    const says = (name: string, verdict: boolean | Promise<boolean>) => () => {
      asked.push(name);
      return verdict;
    };
    expect(
      await holds([says('a', false), says('b', Promise.resolve(false)), says('c', true), says('d', true)], 'error'),
    ).toBe(true);
    expect(asked).toEqual(['a', 'b', 'c']);
  });
});
