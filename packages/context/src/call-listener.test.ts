import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { callListener } from './call-listener.ts';
import type { ListenerErrorMessage } from './diagnostics.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('callListener', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  beforeEach(() => {
    warn.mockClear();
  });

  it('hands the event over', () => {
    const listener = jest.fn();
    callListener('retry', 'db', 'onRetry', listener, { attempt: 2 });
    expect(listener).toHaveBeenCalledWith({ attempt: 2 });
    expect(warn).not.toHaveBeenCalled();
  });

  it('publishes what is thrown where somebody listens', () => {
    const messages: unknown[] = [];
    const record = (message: unknown): void => void messages.push(message);
    subscribe('patterns:retry:listener-error', record);
    const error = new Error('thrown');
    callListener('retry', 'db', 'onRetry', () => {
      throw error;
    });
    unsubscribe('patterns:retry:listener-error', record);
    expect(messages).toEqual([{ name: 'db', listener: 'onRetry', error } satisfies ListenerErrorMessage]);
    expect(warn).not.toHaveBeenCalled();
  });

  it('warns else, once for each callback', () => {
    const listener = (): void => {
      throw new Error('thrown');
    };
    for (let round = 0; round < 3; round++) callListener('retry', 'db', 'onRetry', listener);
    callListener('retry', undefined, 'onGiveUp', () => {
      throw new Error('other');
    });
    expect(warn.mock.calls.map(([text]) => String(text).split('\n')[0])).toEqual([
      "@patterns/retry: onRetry of 'db' threw, which was ignored (and will be, silently): Error: thrown",
      '@patterns/retry: onGiveUp threw, which was ignored (and will be, silently): Error: other',
    ]);
    expect(warn.mock.calls[0]?.[1]).toEqual({ code: 'PATTERNS_LISTENER_ERROR' });
  });

  it.each<[string, unknown, string]>([
    ['a text', 'broken', 'broken'],
    ['null', null, 'null'],
    ['an object with a stack', { stack: 'Oops\n  at somewhere' }, 'Oops\n  at somewhere'],
    ['an object whose stack is none', { stack: 7, toString: () => 'seven' }, 'seven'],
    ['what cannot be put in words', Object.create(null), 'a value that has no text'],
  ])('warns of whatever is thrown: %s', (_, thrown, text) => {
    callListener('retry', undefined, 'onRetry', () => {
      throw thrown;
    });
    expect(warn.mock.calls.map(([warning]) => warning)).toEqual([
      `@patterns/retry: onRetry threw, which was ignored (and will be, silently): ${text}`,
    ]);
  });

  it('takes for a promise only what has a then', () => {
    for (const result of [null, undefined, 0, 'then', {}, { then: 5 }]) {
      callListener('retry', undefined, 'onRetry', () => result);
    }
    expect(warn).not.toHaveBeenCalled();
  });

  it('treats a promise that rejects the same way', async () => {
    const rejecting: () => unknown = async () => Promise.reject(new Error('rejected'));
    callListener('retry', 'db', 'onRetry', rejecting);
    await turn();
    expect(String(warn.mock.calls[0]?.[0])).toContain('rejected');
  });

  it('hears of that once, whatever `then` of its own the promise has', async () => {
    const ofItsOwn = Object.assign(Promise.reject(new Error('rejected')), { then: () => undefined });
    const listener = (): unknown => ofItsOwn;
    callListener('retry', 'db', 'onRetry', listener);
    await turn();
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('rejected')]);
  });

  it.each([
    ['undefined', undefined],
    ['an object without a prototype', Object.create(null)],
    [
      'a revoked proxy',
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
    ],
  ])('does not throw for %s either', (_what, thrown: unknown) => {
    expect(() => {
      callListener('retry', 'db', 'onRetry', () => {
        throw thrown;
      });
    }).not.toThrow();
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it('says what was thrown, also where that is nothing', () => {
    callListener('retry', 'db', 'onRetry', () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what others throw
      throw undefined;
    });
    expect(warn.mock.calls[0]?.[0]).toMatch(/: undefined$/);
  });

  it('does not throw for a result that makes trouble', () => {
    const trouble = {
      get then(): never {
        throw new Error('then');
      },
    };
    expect(() => {
      callListener('retry', 'db', 'onRetry', () => trouble as never);
    }).not.toThrow();
    expect(warn).toHaveBeenCalledTimes(1);
  });
});
