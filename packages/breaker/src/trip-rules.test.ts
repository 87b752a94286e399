import { recordDiagnostics } from '@patterns-tools/test-kit';
import fc from 'fast-check';
import { anyOf } from './any-of.ts';
import { consecutiveFailures } from './consecutive-failures.ts';
import type { BreakerDiagnostics } from './diagnostics.ts';
import { failureRate, slowRate } from './rate-rule.ts';
import type { TripRule } from './trip-rule.ts';
import { lastCalls, lastMs } from './trip-window-size.ts';

/** At which call (from 1) the rule first says to open; `f` failed, `s` slow, `b` both, `.` neither; 0: never. One call a millisecond. */
function opensAt(rule: TripRule, calls: string): number {
  const window = rule.start(0);
  return calls.split('').findIndex((call, ms) => window.record('fb'.includes(call), 'sb'.includes(call), ms)) + 1;
}

describe('consecutiveFailures', () => {
  it.each([
    [1, 'f', 1],
    [3, 'ff.fff', 6],
    [3, 'ff.ff.ff', 0],
    [2, 'sbf', 3],
  ])('of %i, with %s, opens at call %i', (n, calls, at) => {
    expect(opensAt(consecutiveFailures(n), calls)).toBe(at);
  });

  it('says in its name what it is, as all do', () => {
    const names = [consecutiveFailures(3), failureRate(), slowRate({ threshold: 0.3 })].map(({ name }) => name);
    expect(names).toEqual(['consecutiveFailures(3)', 'failureRate(0.5)', 'slowRate(0.3)']);
  });

  it('keeps no window', () => {
    expect(consecutiveFailures(1).start(0).counts(0)).toBeUndefined();
  });
});

describe('failureRate', () => {
  it.each([
    // threshold, window, minimumCalls, calls, opens at
    [0.5, 4, 4, 'fff', 0],
    [0.5, 4, 4, '..ff', 4],
    [0.5, 4, 4, '...f.f', 6],
    [0.5, 4, 1, 'f', 1],
    // full at the fourth, a success: it is asked again only when a call fails
    [0.75, 4, 4, 'fff..', 0],
    [1, 3, 3, 'ff.fff', 6],
    [0.1, 30, 30, '.'.repeat(27) + 'fff', 30],
    [0.3, 10, 10, '.'.repeat(7) + 'ff.f', 11],
    // slow is no failure
    [0.5, 4, 2, 'ssss', 0],
  ])('of %d in the last %i calls, from %i, with %s, opens at call %i', (threshold, size, minimumCalls, calls, at) => {
    expect(opensAt(failureRate({ threshold, window: lastCalls(size), minimumCalls }), calls)).toBe(at);
  });

  it('by default opens at half of the last 100 calls, from 20', () => {
    expect(opensAt(failureRate(), 'f'.repeat(20))).toBe(20);
    expect(opensAt(failureRate(), '.'.repeat(50) + 'f'.repeat(50))).toBe(100);
    expect(opensAt(failureRate(), '.'.repeat(500) + 'f'.repeat(50))).toBe(550);
    expect(opensAt(failureRate({ window: lastCalls(5) }), '...ff')).toBe(0);
    expect(opensAt(failureRate({ window: lastCalls(5) }), '..fff')).toBe(5);
  });

  it('counts in O(1) whatever has been dropped', () => {
    const window = failureRate({ window: lastCalls(3), minimumCalls: 3, threshold: 1 }).start(0);
    for (const failed of [true, false, true, true, false]) window.record(failed, !failed, 0);
    expect(window.counts(0)).toEqual({ calls: 3, failures: 2, slow: 1 });
  });
});

describe('slowRate', () => {
  it('is asked when a call is slow, whether it fails or not', () => {
    const rule = slowRate({ threshold: 0.5, window: lastCalls(4), minimumCalls: 4 });
    expect(opensAt(rule, '..ss')).toBe(4);
    expect(opensAt(rule, '..sb')).toBe(4);
    expect(opensAt(rule, 'ss.f')).toBe(0);
    expect(opensAt(rule, 'ffff')).toBe(0);
  });
});

describe('a window of time', () => {
  it.each<readonly [string, readonly (readonly [atMs: number, calls: number])[]]>([
    [
      'a call aged exactly windowMs is out',
      [
        [0, 1],
        [99, 2],
        [100, 2],
      ],
    ],
    [
      'a bucket goes as a whole',
      [
        [0, 1],
        [9, 2],
        [10, 3],
        [100, 2],
        [109, 3],
        [110, 3],
      ],
    ],
    [
      'after an idle hour it is empty',
      [
        [0, 1],
        [50, 2],
        [3_600_000, 1],
      ],
    ],
    [
      'several buckets go at once',
      [
        [0, 1],
        [10, 2],
        [20, 3],
        [30, 4],
        [125, 2],
        [140, 2],
      ],
    ],
    [
      'a clock that steps back counts in the newest bucket',
      [
        [50, 1],
        [20, 2],
        [0, 3],
        [149, 4],
        [150, 2],
      ],
    ],
  ])('%s', (_, timeline) => {
    const window = failureRate({ window: lastMs(100), minimumCalls: 1_000 }).start(0);
    const counts = timeline.map(([atMs]) => {
      window.record(true, false, atMs);
      return window.counts(atMs)?.calls;
    });
    expect(counts).toEqual(timeline.map(([, calls]) => calls));
  });

  it('drops what is too old when read', () => {
    const window = failureRate({ window: lastMs(100) }).start(7);
    window.record(true, true, 7);
    expect(window.counts(106)).toEqual({ calls: 1, failures: 1, slow: 1 });
    expect(window.counts(107)).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  it('keeps a call for windowMs less one bucket at least, for windowMs at most, in fractions too', () => {
    for (const [windowMs, buckets] of [
      [1_000, 3],
      [0.7, 7],
      [10_000, 1],
    ] as const) {
      for (let offset = 0; offset < 1; offset += 0.01) {
        const startMs = 1_234.5678;
        const atMs = startMs + offset * windowMs;
        const window = failureRate({ window: lastMs(windowMs, { buckets }) }).start(startMs);
        window.record(true, false, atMs);
        expect(window.counts(atMs + windowMs - windowMs / buckets - 0.001)?.calls).toBe(1);
        expect(window.counts(atMs + windowMs)?.calls).toBe(0);
      }
    }
  });
});

describe('the window of the last calls', () => {
  it('equals the end of a list, whatever its size', () => {
    const call = fc.record({ failed: fc.boolean(), slow: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.array(call, { maxLength: 200, size: 'max' }), (size, calls) => {
        const window = failureRate({ window: lastCalls(size) }).start(0);
        return calls.every(({ failed, slow }, index) => {
          window.record(failed, slow, 0);
          const held = calls.slice(Math.max(0, index + 1 - size), index + 1);
          const counts = window.counts(0);
          return (
            counts?.calls === held.length &&
            counts.failures === held.filter((one) => one.failed).length &&
            counts.slow === held.filter((one) => one.slow).length
          );
        });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the window of the last milliseconds', () => {
  it('forgets everything in time, though the length of its buckets cannot be written down', () => {
    const window = failureRate({ window: lastMs(100, { buckets: 3 }) }).start(0);
    // The end of a bucket, of which (now - start) / length is a little less than a whole number.
    for (const nowMs of [2_080, 2_099.9995, 2_099.9995]) window.record(true, false, nowMs);
    expect(window.counts(2_140)).toEqual({ calls: 3, failures: 3, slow: 0 });
    expect(window.counts(2_300)).toEqual({ calls: 0, failures: 0, slow: 0 });
  });
});

describe('anyOf', () => {
  it('opens when any rule does; all of them hear every call', () => {
    const rule = anyOf(consecutiveFailures(3), failureRate({ threshold: 0.5, window: lastCalls(10), minimumCalls: 6 }));
    expect(rule.name).toBe('anyOf(consecutiveFailures(3), failureRate(0.5))');
    expect(opensAt(rule, 'fff')).toBe(3);
    expect(opensAt(rule, '.f.f.f')).toBe(6);
  });

  it('counts with the first rule that keeps a window', () => {
    const window = anyOf(consecutiveFailures(3), failureRate({ window: lastCalls(2) }), failureRate()).start(0);
    for (let n = 0; n < 3; n++) window.record(true, false, n);
    expect(window.counts(3)).toEqual({ calls: 2, failures: 2, slow: 0 });
    expect(anyOf(consecutiveFailures(1)).start(0).counts(0)).toBeUndefined();
  });

  it('hears the other rules when one throws', () => {
    const broken: TripRule = {
      name: 'broken',
      start: () => ({
        record: () => {
          throw new Error('broken');
        },
        counts: () => undefined,
      }),
    };
    const told = recordDiagnostics<BreakerDiagnostics>(['patterns:breaker:listener-error']);
    const window = anyOf(broken, consecutiveFailures(2), broken).start(0);
    expect([window.record(true, false, 0), window.record(true, false, 0)]).toEqual([false, true]);
    told.stop();
    // Both of them, each time, also when another one opens.
    expect(told.records.map(({ message }) => message)).toEqual(
      Array(4).fill({ name: undefined, listener: 'trip', error: new Error('broken') }),
    );
  });

  it('gives each breaker a window of its own', () => {
    const rule = consecutiveFailures(2);
    const [one, other] = [rule.start(0), rule.start(0)];
    expect([one.record(true, false, 0), other.record(true, false, 0)]).toEqual([false, false]);
  });
});

describe('a rule out of range', () => {
  it.each<[string, () => unknown, string]>([
    ['no failure', () => consecutiveFailures(0), 'n must be an integer of at least 1, got 0'],
    ['half a failure', () => consecutiveFailures(1.5), 'n must be'],
    ['no threshold', () => failureRate({ threshold: 0 }), 'threshold must be above 0 and at most 1, got 0'],
    ['a percentage', () => slowRate({ threshold: 50 }), 'threshold must be'],
    ['no minimum', () => failureRate({ minimumCalls: 0 }), 'minimumCalls must be'],
    [
      'a minimum that the window cannot hold',
      () => failureRate({ window: lastCalls(5), minimumCalls: 6 }),
      'at most 5',
    ],
    ['an empty window', () => lastCalls(0), 'n must be'],
    ['an endless window', () => lastMs(Infinity), 'windowMs must be finite and above 0'],
    ['a window of no time', () => lastMs(0), 'windowMs must be finite and above 0, got 0'],
    ['no bucket', () => lastMs(10, { buckets: 0 }), 'buckets must be'],
  ])('is a RangeError that names it: %s', (_, make, message) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(message);
  });

  it.each<[string, () => unknown, string]>([
    ['text for a number', () => consecutiveFailures('5' as never), 'n must be a number'],
    ['no rule at all', () => anyOf(...([] as unknown as [TripRule])), 'at least one rule'],
    ['a window for a rule', () => anyOf(lastCalls(5) as never), 'rule 1 must be a trip rule'],
    [
      'a number for a window',
      () => failureRate({ window: 100 as never }),
      'window must be made by lastCalls or lastMs',
    ],
    ['null for a window', () => failureRate({ window: null as never }), 'window must be made by lastCalls or lastMs'],
  ])('or a TypeError: %s', (_, make, message) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});
