import { recordDiagnostics } from '@patterns-tools/test-kit';
import { withCancel } from './cancel-context.ts';
import type { Clock } from './clock.ts';
import { createKey } from './context-key.ts';
import { withDeadline, withTimeout } from './deadline-context.ts';
import type { ContextDiagnostics } from './diagnostics.ts';
import { merge } from './merge.ts';
import { withValue } from './value-context.ts';

/** Timers that are only noted down. */
class ManualClock implements Clock {
  nowMs = 0;
  readonly timers: { fn: () => void; ms: number; ref: boolean | undefined; cleared: boolean }[] = [];

  now(): number {
    return this.nowMs;
  }
  setTimeout(fn: () => void, ms: number, options?: { readonly ref?: boolean | undefined }): Disposable {
    const timer = { fn, ms, ref: options?.ref, cleared: false };
    this.timers.push(timer);
    return {
      [Symbol.dispose]: () => {
        timer.cleared = true;
      },
    };
  }
  get armed(): number[] {
    return this.timers.filter(({ cleared }) => !cleared).map(({ ms }) => ms);
  }
  fireAt(nowMs: number): void {
    this.nowMs = nowMs;
    const timer = this.timers.at(-1);
    if (timer === undefined || timer.cleared) throw new Error('no timer');
    timer.cleared = true;
    timer.fn();
  }
}

describe('the timer of all deadlines of a clock', () => {
  it('does not hold the process', () => {
    const clock = new ManualClock();
    withTimeout(undefined, 5, { clock });
    expect(clock.timers[0]?.ref).toBe(false);
  });

  it('is moved for an earlier deadline, not for a later one', () => {
    const clock = new ManualClock();
    for (const ms of [5_000, 8_000, 2_000, 3_000, 2_000]) withTimeout(undefined, ms, { clock });
    expect(clock.timers.map(({ ms }) => ms)).toEqual([5_000, 2_000]);
    expect(clock.armed).toEqual([2_000]);
  });

  it('stays where it is when the earliest is cancelled, comes once for nothing, and is cleared with the last', () => {
    const clock = new ManualClock();
    const first = withTimeout(undefined, 20, { clock });
    const second = withTimeout(undefined, 50, { clock });
    first.cancel();
    expect(clock.armed).toEqual([20]);
    clock.fireAt(20);
    expect(second.done).toBe(false);
    expect(clock.armed).toEqual([30]);
    second.cancel();
    expect(clock.armed).toEqual([]);
  });

  it('is armed anew by a callback that makes the next deadline, once', () => {
    const clock = new ManualClock();
    withTimeout(undefined, 10, { clock }).signal.addEventListener('abort', () => {
      withTimeout(undefined, 5, { clock });
    });
    withTimeout(undefined, 100, { clock });
    clock.fireAt(10);
    expect(clock.armed).toEqual([5]);
    expect(clock.timers).toHaveLength(2);
  });

  it('that is lost is noticed by the next deadline, a second later', () => {
    const clock = new ManualClock();
    const lost = withTimeout(undefined, 10, { clock });
    clock.nowMs = 500;
    withTimeout(undefined, 100, { clock });
    expect(clock.timers).toHaveLength(1);
    clock.nowMs = 1_011;
    const next = withTimeout(undefined, 100, { clock });
    expect(clock.armed).toEqual([0]);
    clock.fireAt(1_012);
    expect([lost.done, next.done]).toEqual([true, false]);
  });

  it('is believed when it comes before its time, and what is left of the others counts from there', () => {
    const clock = new ManualClock();
    const contexts = [50, 80].map((ms) => withTimeout(undefined, ms, { clock }));
    clock.fireAt(3);
    expect(contexts.map(({ done }) => done)).toEqual([true, false]);
    expect(clock.armed).toEqual([30]);
    const third = withTimeout(undefined, 10, { clock });
    expect(clock.armed).toEqual([10]);
    clock.fireAt(13);
    expect(third.done).toBe(true);
  });

  it('that cannot be cleared keeps nothing from ending, is reported, and may come all the same', () => {
    const error = new Error('cannot clear');
    const clock = new ManualClock();
    jest.spyOn(clock, 'setTimeout').mockImplementationOnce((fn, ms) => {
      clock.timers.push({ fn, ms, ref: false, cleared: false });
      return {
        [Symbol.dispose]: () => {
          throw error;
        },
      };
    });
    using reports = recordDiagnostics<ContextDiagnostics>(['patterns:context:listener-error']);
    const parent = withCancel();
    const below = [withTimeout(parent, 10, { clock }), withCancel(parent)];
    parent.cancel('why');
    expect(below.map(({ cause }) => cause)).toEqual(['why', 'why']);
    expect(reports.records.map(({ message }) => message)).toEqual([{ name: undefined, listener: 'clock', error }]);
    clock.fireAt(10);
    const next = withTimeout(undefined, 5, { clock });
    expect([next.done, next.remaining()]).toEqual([false, 5]);
    clock.fireAt(15);
    expect(next.done).toBe(true);
  });

  it('that could not be armed is armed by the next deadline', () => {
    const clock = new ManualClock();
    jest.spyOn(clock, 'setTimeout').mockImplementationOnce(() => {
      throw new RangeError('too long');
    });
    expect(() => withTimeout(undefined, 5, { clock })).toThrow('too long');
    const later = withTimeout(undefined, 20, { clock });
    expect(clock.armed).toEqual([5]);
    clock.fireAt(5);
    clock.fireAt(20);
    expect(later.done).toBe(true);
  });

  it('that comes as soon as it is armed is not taken for the one that was armed meanwhile', () => {
    const clock = new ManualClock();
    let meanwhile = withCancel();
    withTimeout(undefined, 10, { clock }).signal.addEventListener('abort', () => {
      meanwhile = withTimeout(undefined, 20, { clock });
    });
    jest.spyOn(clock, 'setTimeout').mockImplementationOnce((fn) => {
      clock.nowMs = 10;
      fn();
      return { [Symbol.dispose]: () => undefined };
    });
    expect(withTimeout(undefined, 5, { clock }).done).toBe(true);
    expect([meanwhile.deadline, ...clock.armed]).toEqual([30, 20]);
    meanwhile.cancel();
    expect(clock.armed).toEqual([]);
  });

  it('is armed for nothing where the deadline is none', () => {
    const clock = new ManualClock();
    const parent = withCancel();
    for (const above of [undefined, parent, new AbortController().signal]) {
      for (const deadline of [null, undefined, '2030-01-01', {}, [], true, 5n, { getTime: 5 }, new Date(NaN), NaN]) {
        expect(() => withDeadline(above, deadline as never, { clock })).toThrow(
          typeof deadline === 'number' || deadline instanceof Date ? RangeError : TypeError,
        );
      }
    }
    expect(clock.timers).toEqual([]);
  });
});

describe('equal deadlines', () => {
  it('end in the order in which they were made, each with all that is below it', () => {
    const clock = new ManualClock();
    const first = withDeadline(undefined, 10, { clock, name: 'first' });
    const second = withTimeout(undefined, 10, { clock, name: 'second' });
    const equal = withDeadline(first, 10, { name: 'equal', cause: 'own' });
    const contexts = { 'below second': withCancel(second), second, value: withValue(equal, createKey('x'), 1), equal };
    const ended: string[] = [];
    for (const [name, context] of Object.entries({ ...contexts, first })) {
      context.signal.addEventListener('abort', () => ended.push(name));
    }
    clock.fireAt(10);
    expect(ended.slice(0, 3).sort()).toEqual(['equal', 'first', 'value']);
    expect(ended.slice(3).sort()).toEqual(['below second', 'second']);
    expect([equal.err, equal.cause]).toEqual([first.err, first.err]);
    expect(clock.armed).toEqual([]);
  });

  it('do not give the one below its name and cause: it ends by itself where those above are late', () => {
    const clock = new ManualClock();
    const above = merge(withTimeout(undefined, 10, { clock, name: 'above' }));
    const below = withDeadline(above, 10, { name: 'below', cause: 'own' });
    expect([above.deadline, below.deadline]).toEqual([10, 10]);
    expect(String(below)).toContain('(below, 10 ms left)');
    clock.nowMs = 10;
    const late = withDeadline(above, 10, { name: 'late', cause: 'own' });
    expect([above.done, late.cause]).toEqual([false, 'own']);
    expect(late.err).toMatchObject({ deadlineName: 'late' });
    clock.fireAt(10);
    expect([above.done, below.done]).toEqual([true, true]);
  });
});
