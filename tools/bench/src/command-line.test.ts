import { parseCommandLine } from './command-line.ts';

test('measures all areas in full, with the Node that runs it, unless told', () => {
  expect(parseCommandLine([])).toEqual({
    areas: [],
    quick: false,
    build: true,
    node: process.execPath,
    settings: { rounds: 21, roundMs: 5, seed: 1 },
  });
});

test('takes areas and options in any order', () => {
  expect(
    parseCommandLine(['retry', '--node', '/opt/node', '--rounds', '15', 'errors', '--seed=9', '--no-build']),
  ).toEqual({
    areas: ['retry', 'errors'],
    quick: false,
    build: false,
    node: '/opt/node',
    settings: { rounds: 15, roundMs: 5, seed: 9 },
  });
});

test('a quick run has few and short rounds', () => {
  const { quick, settings } = parseCommandLine(['--quick']);
  expect(quick).toBe(true);
  expect(settings.rounds).toBe(3);
  expect(settings.roundMs).toBeLessThan(1);
});

test.each([
  [['--fast'], "Unknown option '--fast'"],
  [['--node'], 'argument missing'],
  [['--rounds', '0'], '--rounds takes an integer from 1, not 0'],
  [['--rounds', 'many'], '--rounds takes an integer from 1, not many'],
  [['--seed', '1.5'], '--seed takes an integer from 0, not 1.5'],
])('refuses %j', (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});
