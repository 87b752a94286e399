import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import {
  afterFunc,
  createKey,
  sleep,
  systemClock,
  toContext,
  waitFor,
  withCancel,
  withTimeout,
  withValue,
  type Clock,
} from '@patterns/context';
import { extract, fromRequest } from '@patterns/context/http';
import { costOf, noCost, type Cost } from '@patterns-tools/test-kit';

const tenant = createKey<string>('tenant');
const parent = withCancel();
const { signal } = new AbortController();
/** The first child has added the listener. */
const heard = new AbortController().signal;
withCancel(heard);
const settled = Promise.resolve();
const headers = { 'x-request-timeout-ms': '60000', baggage: 'tenant=acme' };
const request = new IncomingMessage(new Socket());
const response = new ServerResponse(request);
/** So that nothing but microtasks runs meanwhile. */
const hasty: Clock = {
  now: () => systemClock.now(),
  setTimeout: (fn) => {
    queueMicrotask(fn);
    return { [Symbol.dispose]: () => undefined };
  },
};

const costs: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['withCancel', () => withCancel(parent), {}],
  [
    'a hundred deadlines',
    () => {
      const contexts = Array.from({ length: 100 }, () => withTimeout(parent, 60_000));
      for (const context of contexts) context.cancel();
    },
    { timers: 1 },
  ],
  ['withValue', () => withValue(parent, tenant, 'acme'), {}],
  [
    'cancelling a tree',
    () => {
      cancelTree();
    },
    {},
  ],
  [
    'the first child of a signal',
    () => {
      withCancel(signal)[Symbol.dispose]();
    },
    { listeners: 1 },
  ],
  [
    'another child of it',
    () => {
      withCancel(heard)[Symbol.dispose]();
    },
    {},
  ],
  ['a signal as a context', () => toContext(heard), {}],
  ['the first read of signal', () => withCancel(parent).signal, { abortControllers: 1 }],
  ['afterFunc', () => afterFunc(parent, () => undefined)(), { promises: 2 }],
  ['sleep', () => sleep(1, { signal: parent, clock: hasty }), { promises: 1 }],
  ['waitFor', () => waitFor(settled, { signal: parent }), { promises: 2 }],
  [
    'extract',
    () => {
      extract(headers, { parent, keys: [tenant] }).cancel();
    },
    { timers: 1 },
  ],
  [
    'fromRequest',
    () => {
      fromRequest(request, response, { parent }).cancel();
    },
    {},
  ],
];

function cancelTree(): void {
  const top = withCancel(parent);
  for (let n = 0; n < 100; n++) withCancel(withCancel(top));
  top.cancel('enough');
}

it.each(costs)('%s costs what the README says', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});

it('fromRequest holds two listeners of the response until it has ended', () => {
  const listening = (): number[] => ['finish', 'close'].map((event) => response.listenerCount(event));
  const before = listening();
  const context = fromRequest(request, response);
  expect(listening()).toEqual(before.map((count) => count + 1));
  context.cancel();
  expect(listening()).toEqual(before);
});

it('sleep arms one timer', async () => {
  const { timers, ...others } = await costOf(() => sleep(1, { signal: parent }));
  // It takes longer than microtasks, so that promises of others are counted too.
  expect(others).toMatchObject({ abortControllers: 0, immediates: 0, listeners: 0 });
  // A timer of the platform that comes early is armed once more.
  expect([1, 2]).toContain(timers);
});
