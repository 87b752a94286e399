import { seededRandom, shuffle } from './shuffle.ts';

const items = ['limit', 'ours', 'cockatiel', 'p-retry'];

test('a shuffle holds the same items and leaves the list as it was', () => {
  const random = seededRandom(1);
  const given = [...items];
  for (let i = 0; i < 100; i++) expect(shuffle(given, random).sort()).toEqual([...items].sort());
  expect(given).toEqual(items);
  expect(shuffle([], random)).toEqual([]);
});

test('the same seed gives the same orders, another seed others', () => {
  const orders = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 20 }, () => shuffle(items, random).join());
  };
  expect(orders(7)).toEqual(orders(7));
  expect(orders(7)).not.toEqual(orders(8));
});

test('every item is in every place equally often', () => {
  const random = seededRandom(42);
  const shuffles = 4000;
  const firsts = new Map<string, number>();
  for (let i = 0; i < shuffles; i++) {
    const order = shuffle(items, random).join();
    firsts.set(order, (firsts.get(order) ?? 0) + 1);
  }
  // 24 orders, each expected 167 times; five standard deviations are 63.
  expect(firsts.size).toBe(24);
  for (const count of firsts.values()) expect(Math.abs(count - shuffles / 24)).toBeLessThan(63);
});

test('random numbers are in [0, 1)', () => {
  const random = seededRandom(-1);
  for (let i = 0; i < 1000; i++) {
    const value = random();
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(1);
  }
});
