import * as errors from '@patterns/errors';
import { costOf, noCost, type Cost } from '@patterns-tools/test-kit';

const NotFound = errors.defineError('NotFound', { code: 'ERR_NOT_FOUND', kind: 'client', stack: false });
const cause = new NotFound({ id: '7' });
const joined = errors.join(new Error('another'), errors.wrap(cause, 'loading'));
const deep = errors.wrap(joined ?? cause, 'answering');
const serialized = errors.serialize(deep);
const problem = errors.toProblem(deep);
const answer = Promise.resolve(1);
const failure = Promise.reject(cause);
failure.catch(() => undefined);

const costs: readonly (readonly [string, () => unknown, Partial<Cost>])[] = [
  ['an error of a class', () => new NotFound({ id: '8' }), {}],
  ['wrapping', () => errors.wrap(cause, 'loading'), {}],
  ['joining', () => errors.join(cause, deep), {}],
  ['marking', () => errors.transient(errors.mark(cause, deep), { retryAfterMs: 1_000 }), {}],
  ['looking for a cause', () => [errors.is(deep, NotFound), errors.as(deep, NotFound), errors.classify(deep)], {}],
  ['printing', () => errors.format(deep), {}],
  ['sending', () => [errors.serialize(deep), errors.toProblem(deep)], {}],
  ['receiving', () => [errors.deserialize(serialized), errors.fromProblem(problem)], {}],
  ['tryCatch', () => errors.tryCatch(() => 1), {}],
  ['tryCatch of a promise', () => errors.tryCatch(() => answer), { promises: 2 }],
  ['fromPromise', () => errors.fromPromise(answer), { promises: 2 }],
  ['fromPromise of one that rejects', () => errors.fromPromise(failure), { promises: 2 }],
];

it.each(costs)('%s costs what the README says', async (_, operation, cost) => {
  expect(await costOf(operation)).toEqual({ ...noCost, ...cost });
});
