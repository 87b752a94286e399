import { join } from 'node:path';

import { checkReadmes, type Report } from '../src/check-readmes.ts';
import { formatProblem } from '../src/problem.ts';

// The compiler and Node.js are started for each workspace and block.
jest.setTimeout(60_000);

const fixture = (name: string) => join(__dirname, 'fixtures', name);

describe('a workspace whose READMEs tell the truth', () => {
  it('has no problems, runs what shows output and leaves "no-run" and other languages alone', async () => {
    await expect(checkReadmes(fixture('sound'))).resolves.toEqual({ problems: [], readmes: 2, checked: 4, run: 3 });
  });
});

it('keeps to the one project it is given', async () => {
  const { readmes, problems } = await checkReadmes(fixture('broken'), { project: 'packages/wrong-output' });
  expect(readmes).toBe(1);
  expect(problems).toHaveLength(1);

  const { problems: lost } = await checkReadmes(fixture('sound'), { project: 'packages/gone' });
  expect(lost.map(formatProblem)).toEqual(['packages/gone/README.md:1 is missing']);
});

it('ends a block that does not end by itself', async () => {
  const { problems } = await checkReadmes(fixture('hanging'), { timeoutMs: 1000 });
  expect(problems.map(formatProblem)).toEqual([
    'packages/hangs/README.md:4 is still running after 1000 ms: something was not closed',
  ]);
});

describe('a workspace whose READMEs do not', () => {
  let report: Report;
  beforeAll(async () => {
    report = await checkReadmes(fixture('broken'));
  });

  it.each([
    ['a package without a README', 'packages/missing', ['1 is missing']],
    [
      'a package without a ts block',
      'packages/no-block',
      ['1 has no ts block: the first ts block has to run and show what it prints in `// =>` comments'],
    ],
    [
      'a first block that is not run',
      'packages/opening-not-run',
      ['4 the first ts block has to run and show what it prints in `// =>` comments'],
    ],
    [
      'a first block that shows nothing',
      'packages/opening-shows-nothing',
      ['4 the first ts block has to run and show what it prints in `// =>` comments'],
    ],
    ['a flag that means nothing', 'packages/unknown-flag', ['7 says "norun" after ts: only "no-run" means something']],
    [
      'a wrong type, and a name from another block',
      'packages/wrong-type',
      ["9 TS2322: Type 'number' is not assignable to type 'string'.", "11 TS2304: Cannot find name 'one'."],
    ],
    [
      'a name or a path that the package does not export',
      'packages/unknown-export',
      [
        `4 TS2305: Module '"@fixture/unknown-export"' has no exported member 'greet'.`,
        "10 TS2307: Cannot find module '@fixture/unknown-export/lib/hidden.mjs' or its corresponding type declarations.",
      ],
    ],
    ['output that differs', 'packages/wrong-output', ['5 shows:  two\n    prints: 2']],
    [
      'output that is shown and not printed',
      'packages/less-output',
      ['5 shows:  2\n    prints nothing more', '10 shows:  1\n    prints nothing more'],
    ],
    [
      'output that is printed and not shown',
      'packages/more-output',
      ['6 prints a line that it does not show: 2', '10 prints a line that it does not show: 1'],
    ],
    [
      'a block that fails',
      'packages/throws',
      [
        '10 fails: RangeError: x is out\n    of range',
        '15 fails: TypeError: late',
        '19 waits for a promise that never settles',
        '24 ends with exit code 3',
      ],
    ],
  ])('reports %s', (_, project, expected) => {
    const found = report.problems.map(formatProblem).filter((line) => line.startsWith(`${project}/README.md:`));
    expect(found).toEqual(expected.map((line) => `${project}/README.md:${line}`));
  });

  it('reports nothing else, and asks for no README where nothing is published', () => {
    expect(report.problems.some(({ file }) => file.startsWith('examples/'))).toBe(false);
    expect(report).toMatchObject({ readmes: 11, checked: 19, run: 12 });
  });
});
