import { background } from './background.ts';
import { withCancel } from './cancel-context.ts';
import { CanceledError } from './canceled-error.ts';
import type { Clock } from './clock.ts';
import type { Context } from './context.ts';
import { createKey } from './context-key.ts';
import { DeadlineExceededError } from './deadline-exceeded-error.ts';
import { withDeadline, withTimeout } from './deadline-context.ts';
import { endIfOverdue } from './end-if-overdue.ts';
import { merge } from './merge.ts';
import { systemClock } from './system-clock.ts';
import { VirtualClock } from './virtual-clock.ts';
import { withValue } from './value-context.ts';
import { withoutCancel } from './without-cancel.ts';

const reason = new Error('why');

describe('withTimeout', () => {
  let clock: VirtualClock;
  beforeEach(() => {
    clock = new VirtualClock({ now: 1_000 });
  });

  it('is done when its time has come, not before', async () => {
    const context = withTimeout(undefined, 100, { clock });
    expect(context.deadline).toBe(1_100);
    await clock.advance(99);
    expect(context.done).toBe(false);
    expect(context.remaining()).toBe(1);
    await clock.advance(1);
    expect(context.done).toBe(true);
    expect(context.remaining()).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('ends with a DeadlineExceededError that says which deadline it was', async () => {
    const context = withTimeout(undefined, 100, { clock, name: 'checkout' });
    await clock.advance(100);
    expect(context.err).toBeInstanceOf(DeadlineExceededError);
    expect(context.err).toMatchObject({
      name: 'TimeoutError',
      code: 'ERR_DEADLINE_EXCEEDED',
      deadlineName: 'checkout',
      timeoutMs: 100,
      message: 'deadline exceeded: checkout, 100 ms',
    });
    expect(context.cause).toBe(context.err);
    expect(context.err?.stack).not.toContain('    at ');
  });

  it('ends with the cause it was given, which is inside err too', async () => {
    const context = withTimeout(undefined, 100, { clock, cause: reason });
    await clock.advance(100);
    expect(context.cause).toBe(reason);
    expect(context.err?.cause).toBe(reason);
    expect(context.err?.code).toBe('ERR_DEADLINE_EXCEEDED');
    expect(context.signal.reason).toBe(reason);
  });

  it('does not use the cause when it is cancelled before', async () => {
    const context = withTimeout(undefined, 100, { clock, cause: reason });
    context.cancel();
    await clock.advance(100);
    expect(context.err).toBeInstanceOf(CanceledError);
    expect(context.cause).toBe(context.err);
  });

  it('clears its timer when cancelled, or ended by the parent', () => {
    const parent = withCancel();
    withTimeout(parent, 100, { clock });
    const context = withTimeout(undefined, 200, { clock });
    expect(clock.pending).toBe(1);
    parent.cancel();
    context.cancel();
    expect(clock.pending).toBe(0);
  });

  it.each([0, -5, -Infinity])('is done already for %p', (timeoutMs) => {
    const context = withTimeout(undefined, timeoutMs, { clock, cause: reason });
    expect(context.done).toBe(true);
    expect(context.cause).toBe(reason);
    expect(context.err?.code).toBe('ERR_DEADLINE_EXCEEDED');
    expect(clock.pending).toBe(0);
  });

  it('has no deadline of its own for Infinity, but the clock', () => {
    const context = withTimeout(undefined, Infinity, { clock });
    expect(context.deadline).toBeUndefined();
    expect(context.remaining()).toBe(Infinity);
    expect(clock.pending).toBe(0);
    expect(withTimeout(context, 5).deadline).toBe(1_005);
    expect(() => withTimeout(context, 5, { clock: systemClock })).toThrow(TypeError);
  });

  it('for Infinity leaves the clock open where none is given', () => {
    const child = withTimeout(withTimeout(undefined, Infinity), 5, { clock });
    expect(child.deadline).toBe(1_005);
    child.cancel();
  });

  it('tells other copies of the package by what clock it lives', () => {
    const clockOf = (context: Context): unknown => Reflect.get(context, Symbol.for('@patterns/context.clock'));
    using context = withTimeout(undefined, 5, { clock });
    expect([clockOf(context), clockOf(withCancel(context)), clockOf(withCancel())]).toEqual([clock, clock, undefined]);
  });

  it('refuses what is no clock, by the name of the option', () => {
    for (const bad of [null, 5, {}, { now: () => 0 }, { setTimeout }]) {
      for (const ms of [5, Infinity]) {
        expect(() => withTimeout(undefined, ms, { clock: bad as never })).toThrow(/^clock must be/);
        expect(() => withDeadline(undefined, ms, { clock: bad as never })).toThrow(TypeError);
      }
    }
  });

  it('refuses what is no name, also of a deadline that will not be used', () => {
    using above = withTimeout(undefined, 5, { clock });
    for (const name of [null, 5, ['x']] as never[]) {
      expect(() => withTimeout(undefined, 5, { clock, name })).toThrow(/^name must be a string, got/);
      expect(() => withDeadline(above, 10_000, { name })).toThrow(TypeError);
    }
    expect(clock.pending).toBe(1);
  });

  it('refuses NaN, and what is no number', () => {
    expect(() => withTimeout(undefined, NaN)).toThrow(new RangeError('timeoutMs must be anything but NaN, got NaN'));
    expect(() => withTimeout(undefined, '5' as never)).toThrow(
      new TypeError('timeoutMs must be a number, anything but NaN, got "5"'),
    );
    expect(() => withTimeout(null as never, 5)).toThrow(TypeError);
  });

  it('takes the err and cause of a parent that is done, though its own time is over too', () => {
    const parent = withCancel();
    parent.cancel(reason);
    const context = withTimeout(parent, 0, { clock, cause: new Error('late') });
    expect(context.cause).toBe(reason);
    expect(context.err).toBe(parent.err);
  });

  it('holds the earliest of a hundred deadlines and one timer for all', async () => {
    const contexts = Array.from({ length: 100 }, (_, index) =>
      withTimeout(undefined, ((index * 37) % 100) + 1, { clock }),
    );
    expect(clock.pending).toBe(1);
    await clock.advance(50);
    for (const context of contexts) expect(context.done).toBe((context.deadline as number) <= 1_050);
    await clock.advance(50);
    expect(clock.pending).toBe(0);
  });

  it('fires deadlines in order of time, then of making', async () => {
    const order: string[] = [];
    for (const [name, ms] of [
      ['b', 20],
      ['a', 10],
      ['c', 20],
      ['d', 5],
    ] as const) {
      withTimeout(undefined, ms, { clock }).signal.addEventListener('abort', () => order.push(name));
    }
    await clock.advance(20);
    expect(order).toEqual(['d', 'a', 'b', 'c']);
  });

  it('copes with callbacks that make and cancel deadlines while others fire', async () => {
    const victim = withTimeout(undefined, 10, { clock, cause: 'own' });
    const order: string[] = [];
    const first = withTimeout(undefined, 5, { clock });
    first.signal.addEventListener('abort', () => {
      order.push('first');
      victim.cancel('other');
      withTimeout(undefined, 0, { clock }).signal.addEventListener('abort', () => order.push('never'));
      withTimeout(undefined, 1, { clock }).signal.addEventListener('abort', () => order.push('nested'));
    });
    await clock.advance(20);
    expect(order).toEqual(['first', 'nested']);
    expect(victim.cause).toBe('other');
    expect(clock.pending).toBe(0);
  });

  it('may last longer than a platform timer', async () => {
    const tenThousandHours = 10_000 * 3_600_000;
    const context = withTimeout(undefined, tenThousandHours, { clock });
    await clock.advance(tenThousandHours - 1);
    expect(context.done).toBe(false);
    await clock.advance(1);
    expect(context.done).toBe(true);
  });
});

describe('nested deadlines', () => {
  const clock = new VirtualClock();

  it('have the earliest, with its name and cause', async () => {
    const parent = withTimeout(undefined, 10, { clock, name: 'outer', cause: 'outer' });
    const child = withTimeout(parent, 20, { name: 'inner', cause: 'inner' });
    expect(child.deadline).toBe(parent.deadline);
    await clock.advance(10);
    expect(child.cause).toBe('outer');
    expect(child.err).toBe(parent.err);
    expect(child.err).toMatchObject({ deadlineName: 'outer', timeoutMs: 10 });
  });

  it('keep an earlier one of the child to the child', async () => {
    const parent = withTimeout(undefined, 20, { clock });
    const child = withTimeout(parent, 10, { name: 'inner' });
    await clock.advance(10);
    expect(child.done).toBe(true);
    expect(parent.done).toBe(false);
    parent.cancel();
    expect(child.err).toMatchObject({ deadlineName: 'inner' });
  });

  it('live by the clock of the parent, and by no other', () => {
    const parent = withTimeout(undefined, 20, { clock });
    for (const below of [parent, withValue(parent, createKey('x'), 1), withoutCancel(parent), withCancel(parent)]) {
      expect(() => withTimeout(below, 5, { clock: new VirtualClock() })).toThrow(
        new TypeError('clock must be that of the parent, or be left out: a context lives by one clock'),
      );
      expect(withTimeout(below, 5, { clock }).deadline).toBe(clock.now() + 5);
      expect(withTimeout(below, 5).deadline).toBe(clock.now() + 5);
    }
    parent.cancel();
  });

  it('are done at once with 0, by the deadline above where that has passed and its timer is late', () => {
    let now = 0;
    const late: Clock = { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
    const parent = withTimeout(undefined, 10, { clock: late, name: 'outer' });
    now = 15;
    const child = withTimeout(parent, 0, { name: 'inner' });
    const belowMerged = withTimeout(merge(parent), 0);
    expect(parent.done).toBe(false);
    expect(child.err).toMatchObject({ deadlineName: 'outer' });
    expect(belowMerged.err).toBeInstanceOf(DeadlineExceededError);
    expect(belowMerged.err).toMatchObject({ deadlineName: undefined, timeoutMs: undefined });
    parent.cancel();
  });
});

describe('withDeadline', () => {
  const clock = new VirtualClock({ now: 500 });

  it('takes a time of the clock', async () => {
    const context = withDeadline(undefined, 600, { clock, name: 'batch' });
    expect(context.deadline).toBe(600);
    await clock.advance(100);
    expect(context.err).toMatchObject({
      deadlineName: 'batch',
      timeoutMs: undefined,
      message: 'deadline exceeded: batch',
    });
  });

  it('converts a Date, once, on entry', () => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_000_000);
    const context = withDeadline(undefined, new Date(1_000_050), { clock });
    expect(context.deadline).toBe(clock.now() + 50);
    now.mockReturnValue(2_000_000);
    expect(context.remaining()).toBe(50);
    now.mockRestore();
    context.cancel();
  });

  it('is done already for a time that has passed, and follows the parent alone for Infinity', () => {
    expect(withDeadline(undefined, 400, { clock }).done).toBe(true);
    expect(withDeadline(undefined, clock.now(), { clock }).done).toBe(true);
    expect(withDeadline(undefined, Infinity, { clock }).deadline).toBeUndefined();
  });

  it('refuses an invalid Date, NaN, and what is neither', () => {
    expect(() => withDeadline(undefined, new Date(NaN))).toThrow(RangeError);
    expect(() => withDeadline(undefined, NaN)).toThrow(RangeError);
    for (const [deadline, got] of [
      [null, 'null'],
      [undefined, 'undefined'],
      ['2030-01-01', '"2030-01-01"'],
      [{}, 'an object'],
    ]) {
      expect(() => withDeadline(undefined, deadline as never)).toThrow(
        new TypeError(`deadline must be a number, anything but NaN, got ${got as string}`),
      );
    }
  });
});

describe('a clock that steps', () => {
  it('back fires nothing early and loses nothing', () => {
    let now = 100;
    const armed: { fn: () => void; ms: number }[] = [];
    const clock: Clock = {
      now: () => now,
      setTimeout: (fn, ms) => {
        armed.push({ fn, ms });
        return { [Symbol.dispose]: () => undefined };
      },
    };
    const context = withTimeout(undefined, 50, { clock });
    now = 20;
    expect(context.remaining()).toBe(130);
    const other = withTimeout(undefined, 10, { clock });
    expect(armed.map(({ ms }) => ms)).toEqual([50, 10]);
    now = 30;
    armed[1]?.fn();
    expect([context.done, other.done]).toEqual([false, true]);
    expect(armed[2]?.ms).toBe(120);
    now = 150;
    armed[2]?.fn();
    expect(context.done).toBe(true);
  });
});

describe('endIfOverdue', () => {
  it('ends what its timer should have ended, with all above that share the deadline, and once', () => {
    let now = 0;
    const late: Clock = { now: () => now, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
    const parent = withTimeout(undefined, 10, { clock: late, cause: 'slow' });
    const context = withCancel(withValue(withTimeout(parent, 50), createKey('tenant'), 'acme'));
    const aborted = jest.fn();
    parent.signal.addEventListener('abort', aborted);
    now = 10;
    endIfOverdue(context);
    expect(context.done).toBe(false);
    now = 10.1;
    endIfOverdue(context);
    endIfOverdue(context);
    expect([context.cause, parent.cause, aborted.mock.calls.length]).toEqual(['slow', 'slow', 1]);
  });

  it('leaves alone what has no deadline of ours, or cannot be read', () => {
    const { signal } = new AbortController();
    const context = withCancel();
    for (const other of [context, signal, withoutCancel(context), undefined, {}]) endIfOverdue(other as never);
    expect([context.done, signal.aborted]).toEqual([false, false]);
    context.cancel();
  });
});

describe('withoutCancel', () => {
  const tenant = createKey<string>('tenant');

  it('keeps values, drops deadline, cancellation and cause, also of a parent that is done', () => {
    const parent = withTimeout(undefined, 50);
    const detached = withoutCancel(withValue(parent, tenant, 'acme'));
    for (const done of [false, true]) {
      if (done) parent.cancel(reason);
      for (const context of [detached, withoutCancel(withValue(parent, tenant, 'acme'))]) {
        expect(context.value(tenant)).toBe('acme');
        expect([context.done, context.err, context.cause, context.deadline]).toEqual([
          false,
          undefined,
          undefined,
          undefined,
        ]);
        expect(context.remaining()).toBe(Infinity);
        expect(context.signal.aborted).toBe(false);
      }
    }
  });

  it('has children that are alive and end on their own', () => {
    const parent = withCancel();
    parent.cancel();
    const child = withCancel(withoutCancel(parent));
    expect(child.done).toBe(false);
    child.cancel(reason);
    expect(child.cause).toBe(reason);
  });

  it('needs a context: there is nothing to drop from nothing', () => {
    expect(() => withoutCancel(undefined as never)).toThrow(TypeError);
    expect(() => withoutCancel(null as never)).toThrow(TypeError);
    expect(withoutCancel(background()).done).toBe(false);
  });
});

describe('as text', () => {
  it('says what is left, rounded up, and the name', async () => {
    const clock = new VirtualClock();
    const context = withTimeout(withCancel(), 250, { clock, name: 'checkout' });
    const texts = (...contexts: Context[]): string[] => contexts.map(String);
    expect(texts(context, withDeadline(undefined, 10, { clock }), withoutCancel(context))).toEqual([
      'context.Background.withCancel.withTimeout(checkout, 250 ms left)',
      'context.Background.withDeadline(10 ms left)',
      'context.Background.withCancel.withTimeout(checkout, 250 ms left).withoutCancel',
    ]);
    await clock.advance(0.5);
    expect(String(context)).toContain('(checkout, 250 ms left)');
    await clock.advance(300);
    expect(String(context)).toContain('(checkout, 0 ms left)');
  });
});
