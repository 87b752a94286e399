import { seeded, seededRandom } from './seeded-random.ts';

const draw = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

describe('seededRandom', () => {
  it('repeats its numbers for the same seed', () => {
    expect(draw(seededRandom(7), 5)).toEqual(draw(seededRandom(7), 5));
  });

  it('is the Mersenne Twister: reference values of MT19937 for seed 5489', () => {
    // The first two outputs (Matsumoto and Nishimura): 26 low bits of one, 27 of the other.
    const expected = ((3499211612 % 2 ** 26) * 2 ** 27 + (581869302 % 2 ** 27)) / 2 ** 53;
    expect(seededRandom(5489)()).toBe(expected);
  });

  it('tells neighbouring seeds apart from the first number on', () => {
    const first = Array.from({ length: 1000 }, (_, seed) => seededRandom(seed)());
    expect(new Set(first).size).toBe(1000);
    const mean = first.reduce((sum, value) => sum + value) / first.length;
    expect(mean).toBeGreaterThan(0.45);
    expect(mean).toBeLessThan(0.55);
  });

  it('stays in [0, 1)', () => {
    for (const value of draw(seededRandom(1), 10_000)) {
      expect(value >= 0 && value < 1).toBe(true);
    }
  });

  it('takes the seed from TEST_SEED', () => {
    process.env['TEST_SEED'] = '42';
    try {
      expect(seededRandom().seed).toBe(42);
    } finally {
      delete process.env['TEST_SEED'];
    }
  });

  it('chooses and tells a seed without one', () => {
    const { seed } = seededRandom();
    expect(seed).toBe(seed | 0);
  });

  it.each([0.5, NaN, 2 ** 40])('refuses %p', (seed) => {
    expect(() => seededRandom(seed)).toThrow(`seed must be a 32-bit integer, got ${seed}`);
  });
});

describe('seeded', () => {
  it('passes the generator on, and passes', async () => {
    const seen: number[] = [];
    await seeded((random) => seen.push(random(), random()), 3)();
    expect(seen).toEqual(draw(seededRandom(3), 2));
  });

  it('names the seed in message and stack of what the test throws, and throws the same error', async () => {
    const error = new Error('1 is not 2');
    await expect(seeded(() => Promise.reject(error), -9)()).rejects.toBe(error);
    expect(error.message).toBe('1 is not 2\n(seed -9: TEST_SEED=-9 repeats it)');
    expect(error.stack).toContain('TEST_SEED=-9');
  });

  it('names the seed where no error was thrown', async () => {
    const failing = seeded(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- anything can be thrown
      throw 'text';
    }, 5);
    const thrown = await failing().catch((error: unknown) => error);
    expect(thrown).toMatchObject({ message: 'text\n(seed 5: TEST_SEED=5 repeats it)', cause: 'text' });
  });
});
