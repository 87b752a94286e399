import { getEventListeners } from 'node:events';
import { createKey, merge, withCancel, withTimeout, withValue } from '@patterns/context';
import { VirtualClock } from '@patterns/context/testing';
import { heapPerOperation } from '@patterns-tools/test-kit';

// A hundred thousand of each, on a machine that may be busy with other things.
jest.setTimeout(60_000);

const tenant = createKey<string>('tenant');
/** What is left per operation below this is noise: the smallest thing left behind would be 50 bytes or more. */
const noiseBytes = 8;

describe('100 000 contexts that came from one parent and were cancelled leave nothing', () => {
  const parent = withCancel();
  const controller = new AbortController();
  const clock = new VirtualClock();
  // So that the timer of all deadlines is not made and cleared each time, which is slow under Jest.
  const longest = withTimeout(undefined, 1_000_000);
  afterAll(() => {
    longest.cancel();
  });

  it.each([
    ['on a context', () => withCancel(parent)],
    ['on a signal', () => withCancel(controller.signal)],
    ['with a value between', () => withCancel(withValue(parent, tenant, 'acme'))],
    ['with a deadline', () => withTimeout(parent, 60_000)],
    ['with a deadline on another clock', () => withTimeout(controller.signal, 60_000, { clock })],
    ['of two parents', () => merge(parent, controller.signal)],
  ])('%s', async (_where, derive) => {
    const bytes = await heapPerOperation(
      () => {
        derive().cancel();
      },
      { rounds: 2, operations: 50_000 },
    );
    expect(bytes).toBeLessThan(noiseBytes);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(clock.pending).toBe(0);
  });
});

it('1 000 000 contexts merged of two signals and disposed of, one after the other, leave no listener', () => {
  const controllers = [new AbortController(), new AbortController()];
  const signals = controllers.map(({ signal }) => signal);
  for (let n = 0; n < 1_000_000; n++) merge(...signals)[Symbol.dispose]();
  expect(signals.map((signal) => getEventListeners(signal, 'abort').length)).toEqual([0, 0]);
});

describe('100 000 contexts alive at once, all made in one go and cancelled in one go', () => {
  it('leave neither listener nor timer', () => {
    const controller = new AbortController();
    const clock = new VirtualClock();
    const contexts = Array.from({ length: 100_000 }, (_, index) =>
      withTimeout(controller.signal, 60_000 + (index % 977), { clock }),
    );
    expect(clock.pending).toBe(1);
    controller.abort();
    expect(clock.pending).toBe(0);
    expect(contexts.every(({ done }) => done)).toBe(true);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
