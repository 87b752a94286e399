import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(JEST|NODE_OPTIONS|NODE_ENV|NODE_TEST)/.test(name)),
);

it('the ES module and the CommonJS module of the package work together in one process', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--import',
      'tsx',
      '--conditions=@patterns/source',
      '--test',
      '--test-reporter=tap',
      join(__dirname, 'fixtures/two-copies/two-copies.fixture.ts'),
    ],
    { cwd: join(__dirname, '..'), env, timeout: 25_000, killSignal: 'SIGKILL' },
  );
  expect(stdout).toMatch(/# pass 13\n# fail 0/);
}, 30_000);
