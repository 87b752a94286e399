import MeasuresFirst from '../src/measures-first.cjs';

it('runs what measures before the rest', async () => {
  const context = { config: { cacheDirectory: '/nowhere', id: 'x', name: 'x' }, hasteFS: { getSize: () => 1 } };
  const paths = ['/src/retry.test.ts', '/test/cost.test.ts', '/test/http-leaks.test.ts', '/src/binary-heap.test.ts'];
  const sorted = await new MeasuresFirst({} as never).sort(paths.map((path) => ({ path, context }) as never));
  const order = sorted.map(({ path }) => path);
  expect(order.slice(0, 2).sort()).toEqual(['/test/cost.test.ts', '/test/http-leaks.test.ts']);
  expect(order.slice(2).sort()).toEqual(['/src/binary-heap.test.ts', '/src/retry.test.ts']);
});
