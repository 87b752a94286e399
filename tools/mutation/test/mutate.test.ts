import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Stryker runs the tests of the fixture once for every change that it makes.
jest.setTimeout(120_000);

const tool = join(__dirname, '..');

interface Outcome {
  readonly code: unknown;
  readonly output: string;
}

function run(...parameters: string[]): Promise<Outcome> {
  return new Promise((settle) => {
    const command = ['--import', 'tsx', 'src/main.ts', ...parameters];
    const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' };
    execFile(process.execPath, command, { cwd: tool, env }, (error, stdout, stderr) => {
      settle({ code: error?.code ?? 0, output: stdout + stderr });
    });
  });
}

it('changes every source, tests the changed copy also by its own name, and shows what no test noticed', async () => {
  const { code, output } = await run('test/fixtures/clamp');

  expect(output).toContain('clamp: 10 of 13 changes noticed (76.9 %)');
  expect(output).toMatch(/\[Survived] EqualityOperator\nsrc\/clamp.ts:5:7\n/);
  expect(code).toBe(0);

  const report = JSON.parse(readFileSync(join(tool, 'reports/clamp/report.json'), 'utf8')) as { files: object };
  expect(Object.keys(report.files)).toEqual(['src/clamp.ts', 'src/limits.ts']);
});

it('keeps to the file it is given', async () => {
  const { output } = await run('test/fixtures/clamp', '--file', 'src/limits.ts');
  expect(output).toContain('clamp: 3 of 4 changes noticed (75.0 %)');
});

it('says how it is used when there is no such package', async () => {
  const { code, output } = await run('nothing-of-that-name');
  expect(output).toBe(
    'nothing-of-that-name is no package with tests. Usage: npm run mutate -- <package> [--file src/<name>.ts]...\n',
  );
  expect(code).toBe(2);
});
