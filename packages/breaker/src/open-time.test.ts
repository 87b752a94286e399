import { resolveOptions } from './breaker-options.ts';
import { openTimeMs } from './open-time.ts';

const options = (random: number) => resolveOptions({ random: () => random });
const asking = (retryAfterMs: number): Error => Object.assign(new Error('later'), { retryAfterMs });

describe('the default open time', () => {
  it('begins with 5 s and doubles up to a minute', () => {
    const times = [1, 2, 3, 4, 5, 6, 2_000].map((opens) => openTimeMs(options(0.5), opens, undefined));
    expect(times).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
  });

  it('has a jitter of 10 % either way', () => {
    expect(openTimeMs(options(0), 1, undefined)).toBe(4_500);
    expect(openTimeMs(options(0.75), 1, undefined)).toBeCloseTo(5_250);
    expect(openTimeMs(options(0.999999), 6, undefined)).toBeCloseTo(66_000, 0);
  });

  it('is what the target asks for, if that is longer, up to a minute', () => {
    expect(openTimeMs(options(0.5), 1, asking(30_000))).toBe(30_000);
    expect(openTimeMs(options(0.5), 1, asking(1_000))).toBe(5_000);
    expect(openTimeMs(options(0.5), 1, asking(Infinity))).toBe(60_000);
  });
});
