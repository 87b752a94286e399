import { CircuitBreaker } from '@patterns/breaker';
import { withCancel } from '@patterns/context';
import { costOf, noCost, type Cost } from '@patterns-tools/test-kit';

const answer = Promise.resolve(1);
/** Makes no promise of its own. */
const succeed = (): Promise<number> => answer;
const closed = new CircuitBreaker();
const timed = new CircuitBreaker({ slowCallMs: 1_000, durations: true });
const open = new CircuitBreaker({ openMs: Infinity });
open.open();
const parent = withCancel();
const controller = new AbortController();
const wrapped = closed.wrap(succeed);

const costs: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['a call', () => closed.execute(succeed), { promises: 1 }],
  ['a call through wrap', () => wrapped(), { promises: 1 }],
  ['a call under a context', () => closed.execute(succeed, { signal: parent }), { promises: 1 }],
  ['a call under an AbortSignal', () => closed.execute(succeed, { signal: controller.signal }), { promises: 1 }],
  ['a call that is timed', () => timed.execute(succeed), { promises: 1 }],
  ['a refusal', () => open.execute(succeed), { promises: 1 }],
  ['a synchronous call', () => closed.executeSync(() => 1), {}],
  ['a permit', () => closed.tryAcquire()?.success(), {}],
];

it.each(costs)('%s costs what the README says', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});
