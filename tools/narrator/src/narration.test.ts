import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const story = `
import { at, check, say, scene, youShouldSee } from './index.ts';
scene('A scene');
say('${'word '.repeat(30)}end');
youShouldSee('something');
at(7.4, 'it happened');
check(true, 'one and one is two');
check(process.argv.length > 9, 'one and one is three');
`;

function tell(env: NodeJS.ProcessEnv): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', story], {
    cwd: join(__dirname),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  });
}

describe('a narrated example', () => {
  it('is plain text of at most 80 columns in a pipe', () => {
    const { stdout } = tell({});
    expect(stdout).not.toContain('\u001b');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toContain('\nA scene\n  word word');
    expect(stdout).toContain('\n  You should see: something\n     7 ms  it happened\n  ✓ one and one is two\n');
  });

  it.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('with %j has colour: %s', (env, colored) => {
    expect(tell(env).stdout.includes('\u001b[')).toBe(colored);
  });

  it('marks a claim that does not hold, and ends with exit code 1', () => {
    const { status, stdout } = tell({});
    expect(stdout).toContain('  ✗ one and one is three\n');
    expect(status).toBe(1);
  });
});
