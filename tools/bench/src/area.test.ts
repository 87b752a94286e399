import { allocates, retains, row } from './area.ts';
import { staged } from './contender.ts';
import { fasterThan, noTarget } from './target.ts';

const nothing = () => undefined;

test('a row without peers and target is measured for information', () => {
  expect(row({ work: 'nothing', ours: nothing })).toEqual({
    work: 'nothing',
    measure: 'time',
    limit: undefined,
    ours: nothing,
    peers: {},
    target: noTarget,
    maxRounds: Infinity,
  });
});

test('refuses a target that compares with nobody', () => {
  const options = { work: 'nothing', ours: nothing, peers: { cockatiel: nothing }, target: fasterThan('opossum') };
  expect(() => row(options)).toThrow('"nothing": the target compares with "opossum", which is no peer');
  expect(() => allocates(options)).toThrow(TypeError);
});

test('what is retained is made in stages', async () => {
  const log: unknown[] = [];
  const ours = staged({
    per: 2,
    prepare: () => {
      log.push('prepare');
      return ['state'];
    },
    run: (state) => state.push('result'),
    cleanUp: (state) => {
      log.push(state);
    },
  });
  expect(retains({ work: 'two things', ours }).measure).toBe('retained');
  ours.prepare();
  await ours.run();
  await ours.cleanUp();
  expect(log).toEqual(['prepare', ['state', 'result']]);
});
