import { costOf, noCost, type Cost } from './cost-of.ts';

const existing = Promise.resolve();
const wait = async (): Promise<void> => {
  await existing;
};
const onPurpose = (): Error => new Error('on purpose');

test.each<[string, () => unknown, Partial<Cost>]>([
  ['nothing', () => 1, {}],
  ['a promise', () => Promise.resolve(1), { promises: 1 }],
  ['a promise that rejects', () => Promise.reject(onPurpose()), { promises: 1 }],
  [
    'an error',
    (): unknown => {
      throw onPurpose();
    },
    {},
  ],
  ['an async function', () => wait(), { promises: 2 }],
  ['a chain', (): unknown => Promise.resolve(1).then(String).then(Number), { promises: 3 }],
  ['a timer', () => new Promise((resolve) => void setTimeout(resolve, 1)), { promises: 1, timers: 1 }],
  ['a turn', () => new Promise((resolve) => void setImmediate(resolve)), { promises: 1, immediates: 1 }],
  [
    'a controller and a listener',
    () => {
      new AbortController().signal.addEventListener('abort', () => undefined);
    },
    { abortControllers: 1, listeners: 1 },
  ],
])('counts %s', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});

test('puts back what it replaced', async () => {
  const { AbortController } = globalThis;
  const addEventListener = Object.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener');
  await costOf(() => Promise.reject(onPurpose()));
  expect(globalThis.AbortController).toBe(AbortController);
  expect(Object.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener')).toEqual(addEventListener);
});
