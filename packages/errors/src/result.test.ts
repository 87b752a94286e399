import { andThen, err, fromPromise, mapErr, mapOk, ok, tryCatch, unwrapOr, type Result } from './result.ts';

describe('a result', () => {
  it('is plain data', () => {
    expect(ok(1)).toEqual({ ok: true, value: 1 });
    expect(err('no')).toEqual({ ok: false, error: 'no' });
  });

  it('of a function is what it gives or throws, also undefined', () => {
    expect(tryCatch(() => 5)).toEqual(ok(5));
    const failure = new Error('x');
    expect(
      tryCatch(() => {
        throw failure;
      }),
    ).toEqual(err(failure));

    expect(
      tryCatch(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- anything can be thrown
        throw undefined;
      }),
    ).toEqual({ ok: false, error: undefined });
  });

  it('of a promise, native or not, is a native promise that never rejects', async () => {
    const thenable = {
      then: (resolve: (value: number) => void) => {
        resolve(7);
      },
    } as PromiseLike<number>;
    const pending = tryCatch(() => thenable);
    expect(pending).toBeInstanceOf(Promise);
    expect(await pending).toEqual(ok(7));
    expect(await tryCatch(async () => Promise.resolve(5))).toEqual(ok(5));
    expect(await tryCatch(async () => Promise.reject(new Error('x')))).toEqual(err(new Error('x')));
    expect(await fromPromise(Promise.reject(new Error('y')))).toEqual(err(new Error('y')));
    const hostile = {
      then: () => {
        throw new RangeError('then');
      },
    } as unknown as PromiseLike<number>;
    expect(await fromPromise(hostile)).toEqual(err(new RangeError('then')));
    const getter = Object.defineProperty({}, 'then', {
      get: () => {
        throw new RangeError('get');
      },
    });
    expect(tryCatch(() => getter)).toEqual(err(new RangeError('get')));
  });

  it('is mapped on one side, the other staying the same object', () => {
    const [good, bad]: Result<number, string>[] = [ok(2), err('no')];
    const double = jest.fn((n: number) => n * 2);
    expect(mapOk(good as Result<number, string>, double)).toEqual(ok(4));
    expect(mapOk(bad as Result<number, string>, double)).toBe(bad);
    expect(double).toHaveBeenCalledTimes(1);
    expect(mapErr(bad as Result<number, string>, (why) => why.length)).toEqual(err(2));
    expect(mapErr(good as Result<number, string>, () => 0)).toBe(good);
  });

  it('is chained, and given up for a fallback', () => {
    const positive = (n: number): Result<string, 'negative'> => (n < 0 ? err('negative') : ok(String(n)));
    expect(andThen(ok(1), positive)).toEqual(ok('1'));
    expect(andThen(ok(-1), positive)).toEqual(err('negative'));
    expect(andThen(err('before'), positive)).toEqual(err('before'));
    expect(unwrapOr(ok(undefined), 5)).toBeUndefined();
    expect(unwrapOr(err('x'), 5)).toBe(5);
  });
});
