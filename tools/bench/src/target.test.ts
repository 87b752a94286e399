import { adds, atMost, fasterThan, noTarget, ratio, type Samples } from './target.ts';

const samples: Samples = {
  limit: [100, 200, 100],
  ours: [140, 280, 150],
  peers: new Map([
    ['slow', [1400, 2800, 1400]],
    ['quick', [130, 250, 160]],
  ]),
};

test('a ratio to the limit is the median over the rounds', () => {
  expect(ratio(1.4).judge(samples)).toEqual([{ requirement: '≤ 1.4x limit', actual: '1.40x', isMet: true }]);
  expect(ratio(1.39).judge(samples)).toEqual([{ requirement: '≤ 1.39x limit', actual: '1.40x', isMet: false }]);
});

test('a comparison with a peer says how many times cheaper ours is', () => {
  const verdicts = fasterThan('slow').andFasterThan('quick').andTimes('slow', 10).andTimes('slow', 10.1).judge(samples);
  expect(verdicts).toEqual([
    { requirement: 'faster than slow', actual: '10x', isMet: true },
    { requirement: 'faster than quick', actual: '0.93x', isMet: false },
    { requirement: '≥ 10x slow', actual: '10x', isMet: true },
    { requirement: '≥ 10.1x slow', actual: '10x', isMet: false },
  ]);
});

test('an absolute bound needs no limit', () => {
  const withoutLimit = { ...samples, limit: undefined };
  expect(atMost(150).judge(withoutLimit)).toEqual([{ requirement: '≤ 150', actual: '150', isMet: true }]);
  expect(atMost(149).judge(withoutLimit)).toEqual([{ requirement: '≤ 149', actual: '150', isMet: false }]);
});

test('what is added to a peer is the difference of the medians', () => {
  expect(adds(20, 'quick').judge(samples)).toEqual([
    { requirement: '≤ 20 more than quick', actual: '-10', isMet: true },
  ]);
  expect(adds(-11, 'quick').judge(samples)[0]?.isMet).toBe(false);
});

test('a target is not changed by what is built on it', () => {
  const base = ratio(2);
  const both = base.andFasterThan('slow');
  expect(base.judge(samples)).toHaveLength(1);
  expect(both.judge(samples)).toHaveLength(2);
  expect(both.peers).toEqual(['slow']);
  expect(noTarget.judge(samples)).toEqual([]);
});
