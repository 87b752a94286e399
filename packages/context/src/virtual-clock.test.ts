import { sleep } from './sleep.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('VirtualClock', () => {
  it('stands still until it is told', async () => {
    const clock = new VirtualClock({ now: 5 });
    expect(clock.now()).toBe(5);
    await clock.advance(10);
    expect(clock.now()).toBe(15);
    expect(new VirtualClock().now()).toBe(0);
  });

  it('fires in order of time, then of arming, at the time of each timer', async () => {
    const clock = new VirtualClock();
    const fired: [string, number][] = [];
    const arm = (name: string, ms: number): Disposable => clock.setTimeout(() => fired.push([name, clock.now()]), ms);
    arm('c', 20);
    arm('a', 10);
    arm('d', 20);
    arm('b', 10.5);
    arm('later', 21);
    expect(clock.pending).toBe(5);
    await clock.advance(20);
    expect(fired).toEqual([
      ['a', 10],
      ['b', 10.5],
      ['c', 20],
      ['d', 20],
    ]);
    expect(clock.pending).toBe(1);
  });

  it('fires what callbacks and promises arm meanwhile, if it falls due', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const loop = (async () => {
      for (let round = 0; round < 3; round++) {
        await sleep(10, { clock });
        seen.push(clock.now());
      }
    })();
    await clock.advance(25);
    expect(seen).toEqual([10, 20]);
    await clock.advance(5);
    await loop;
    expect(seen).toEqual([10, 20, 30]);
  });

  it('lets promises settle before, between and after', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const deep = async (name: string): Promise<void> => {
      for (let depth = 0; depth < 200; depth++) await Promise.resolve();
      order.push(name);
    };
    void deep('before');
    clock.setTimeout(() => {
      order.push('first');
      void deep('between');
    }, 1);
    clock.setTimeout(() => {
      order.push('second');
      void deep('after');
    }, 1);
    await clock.advance(1);
    expect(order).toEqual(['before', 'first', 'between', 'second', 'after']);
  });

  it('fires a timer of 0 only when told', async () => {
    const clock = new VirtualClock();
    const fn = jest.fn();
    clock.setTimeout(fn, 0);
    clock.setTimeout(fn, -5);
    expect(fn).not.toHaveBeenCalled();
    await clock.advance(0);
    expect(fn).toHaveBeenCalledTimes(2);
  });

  it('does not fire what was cleared', async () => {
    const clock = new VirtualClock();
    const fn = jest.fn();
    {
      using timer = clock.setTimeout(fn, 5);
      expect([typeof timer, clock.pending]).toEqual(['object', 1]);
    }
    expect(clock.pending).toBe(0);
    const second = clock.setTimeout(fn, 5);
    clock.setTimeout(() => {
      second[Symbol.dispose]();
    }, 4);
    await clock.runAll();
    second[Symbol.dispose]();
    expect(fn).not.toHaveBeenCalled();
  });

  it('takes sums of fractions for what they are meant to be', async () => {
    const clock = new VirtualClock();
    const fn = jest.fn();
    await clock.advance(0.1);
    clock.setTimeout(fn, 0.2);
    await clock.advance(0.1);
    await clock.advance(0.1);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('does not step back after a timer that was due a little later, by rounding', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.now()), 0.1 + 0.2);
    await clock.advance(0.3);
    expect([...fired, clock.now()]).toEqual([0.1 + 0.2, 0.1 + 0.2]);
  });

  it('runs all that is armed, and what that arms', async () => {
    const clock = new VirtualClock();
    let left = 3;
    const again = (): void => {
      if (--left > 0) clock.setTimeout(again, 1_000_000);
    };
    clock.setTimeout(again, 5);
    clock.setTimeout(() => undefined, Infinity)[Symbol.dispose]();
    await clock.runAll();
    expect([left, clock.now(), clock.pending]).toEqual([0, 2_000_005, 0]);
  });

  it('never reaches Infinity, and counts it as armed', async () => {
    const clock = new VirtualClock();
    const timer = clock.setTimeout(() => undefined, Infinity);
    await clock.runAll();
    await clock.advance(Number.MAX_SAFE_INTEGER);
    expect(clock.pending).toBe(1);
    timer[Symbol.dispose]();
  });

  it('moves one advance after the other', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    for (const ms of [5, 15]) clock.setTimeout(() => fired.push(clock.now()), ms);
    await Promise.all([clock.advance(10), clock.advance(10)]);
    expect([fired, clock.now()]).toEqual([[5, 15], 20]);
  });

  it('rejects with what a timer throws, and goes on from there', async () => {
    const clock = new VirtualClock();
    const fn = jest.fn();
    clock.setTimeout(() => {
      throw new Error('thrown');
    }, 5);
    clock.setTimeout(fn, 6);
    await expect(clock.advance(10)).rejects.toThrow('thrown');
    expect(clock.now()).toBe(5);
    await clock.advance(1);
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('refuses times that are none', async () => {
    const clock = new VirtualClock();
    for (const ms of [-1, NaN, Infinity]) await expect(clock.advance(ms)).rejects.toThrow(RangeError);
    for (const now of [NaN, Infinity]) expect(() => new VirtualClock({ now })).toThrow(RangeError);
    for (const none of [null, '5', true] as never[]) {
      await expect(clock.advance(none)).rejects.toThrow(/^ms must be a number, at least 0 and finite, got/);
      expect(() => new VirtualClock({ now: none })).toThrow(/^now must be a number, finite, got/);
    }
    expect(clock.now()).toBe(0);
  });

  it('gives up after 100 000 timers', async () => {
    const clock = new VirtualClock();
    const forever = (): void => void clock.setTimeout(forever, 1);
    forever();
    await expect(clock.runAll()).rejects.toThrow('runAll fired 100000 timers, and there are still more');
    // A hundred thousand turns of the event loop, on a machine that may be busy with other things.
  }, 60_000);
});
