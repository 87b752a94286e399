import { staged, type Contender } from './contender.ts';
import { measureTime } from './measure-time.ts';
import { seededRandom } from './shuffle.ts';

const options = { rounds: 4, roundMs: 0.1, random: seededRandom(1) };

test('measures every contender in every round', async () => {
  const samples = await measureTime(
    new Map<string, Contender>([
      ['sync', () => Math.sqrt(2)],
      ['async', () => Promise.resolve(1)],
      ['staged', staged({ per: 10, run: () => Math.sqrt(2) })],
    ]),
    options,
  );
  expect([...samples.keys()]).toEqual(['sync', 'async', 'staged']);
  for (const values of samples.values()) {
    expect(values).toHaveLength(4);
    expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
  }
});

test('awaits each asynchronous operation before the next', async () => {
  let running = 0;
  let most = 0;
  const operation = async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  };
  await measureTime(new Map([['one at a time', operation]]), options);
  expect(most).toBe(1);
});

test('prepares before each run and cleans up after it', async () => {
  let alive = 0;
  const contender = staged({
    per: 1,
    prepare: () => ++alive,
    run: () => {
      expect(alive).toBe(1);
    },
    cleanUp: () => --alive,
  });
  await measureTime(new Map([['staged', contender]]), options);
  expect(alive).toBe(0);
});

test('runs synchronous operations below as many frames as an error captures by default', async () => {
  let frames: string[] = [];
  const operation = () => {
    frames = (new Error('here').stack ?? '').split('\n').filter((line) => / at deep /.test(line));
  };
  await measureTime(new Map([['deep', operation]]), options);
  expect(frames.length).toBeGreaterThanOrEqual(10);
});

test('fails with what an operation throws', async () => {
  const operation = () => Promise.reject(new Error('broken contender'));
  await expect(measureTime(new Map([['broken', operation]]), options)).rejects.toThrow('broken contender');
});
