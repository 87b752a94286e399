import * as timers from 'node:timers';
import * as timersPromises from 'node:timers/promises';
import { installTimersOnlyFake } from './timers-only-fake.ts';

describe('installTimersOnlyFake', () => {
  it('fires a timer of an hour while the clocks stand still', () => {
    using fake = installTimersOnlyFake();
    const startedAt = performance.now();
    const fired: number[] = [];
    setTimeout(() => fired.push(1), 3_600_000);
    fake.advance(3_599_999);
    expect(fired).toEqual([]);
    fake.advance(1);
    expect(fired).toEqual([1]);
    expect(performance.now() - startedAt).toBeLessThan(60_000);
  });

  it('lets promises react between timers', async () => {
    using fake = installTimersOnlyFake();
    const seen: string[] = [];
    void (async () => {
      for (const name of ['a', 'b']) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        seen.push(name);
      }
    })();
    await fake.advanceAsync(200);
    expect(seen).toEqual(['a', 'b']);
  });

  it('leaves performance.now and Date.now to the real time', async () => {
    using fake = installTimersOnlyFake();
    const [mono, date] = [performance.now(), Date.now()];
    await timersPromises.setTimeout(5);
    fake.advance(0);
    expect(performance.now()).toBeGreaterThan(mono);
    expect(Date.now()).toBeGreaterThan(date);
  });

  it('leaves the modules alone that all test files share', () => {
    const before = [timers.setTimeout, timers.setImmediate, timersPromises.setTimeout];
    using fake = installTimersOnlyFake();
    expect(fake.pending).toBe(0);
    expect([timers.setTimeout, timers.setImmediate, timersPromises.setTimeout]).toEqual(before);
  });

  it('counts the timers that wait', () => {
    using fake = installTimersOnlyFake();
    const timer = setInterval(() => undefined, 10);
    expect(fake.pending).toBe(1);
    clearInterval(timer);
    expect(fake.pending).toBe(0);
  });

  it('puts the real timers back', () => {
    const before = [setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate];
    {
      using fake = installTimersOnlyFake();
      expect(fake.pending).toBe(0);
      expect(setTimeout).not.toBe(before[0]);
    }
    expect([setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate]).toEqual(before);
  });
});
