import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { interrupt } from '@patterns-tools/test-kit';

const cwd = join(__dirname, '..');
const command = ['--import', 'tsx', 'src/main.ts'];

describe('examples/error-handling', () => {
  const output = execFileSync(process.execPath, command, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = output.split('\n');

  it('finds in an error what every layer has to say', () => {
    expect(output).toContain(
      "  log     lending to Ada: no book 'dubliners'\n  reader  We do not have 'dubliners'.\n  kind    client",
    );
    expect(output).toContain('  reader  Ishmael has it. Ask again next week.\n  kind    conflict');
    expect(output).toContain('  reader  Something is wrong with us. Somebody has been told.\n  kind    bug');
  });

  it('gives all the mistakes of a form', () => {
    expect(output).toContain(
      '  Ada, 14 days\n  - reader must be a name\n  - days must be a whole number from 1 to 30\n',
    );
  });

  it('sends problem details over HTTP', () => {
    const answers = lines.filter((line) => /^ {2}\d{3} /.test(line)).map((line) => line.trim());
    expect(answers).toEqual(['409 moby-dick', '404 dubliners', '500 ulysses', '500 anything?sunday']);
    expect(output).toContain('✓ the client got an instance of the very class');
    expect(output).toContain('✓ a sentinel came back as the very object');
  });

  it('gets an error from a thread with its class', () => {
    expect(output).toContain('  as it is    Error: reading Ulysses: page 7 is damaged');
    expect(output).toContain('  serialised  WrappedError: reading Ulysses: page 7 is damaged');
  });

  it('prints the whole chain, with stacks and without secrets', () => {
    const chain = output.slice(output.indexOf('The whole chain'));
    for (const part of [
      /^ {2}WrappedError \[ERR_WRAPPED\]: closing the day: /m,
      /^ +also: Error: the door is stuck$/m,
      /^ +1\/2: WrappedError \[ERR_WRAPPED\]: lending to Ada/m,
      /^ +at .*\(src\/lending\.ts:\d+:\d+\)$/m,
      /^ +caused by: Error \[ENOENT\]: /m,
      /^ +2\/2: WrappedError \[ERR_WRAPPED\]: reading Ulysses/m,
      /^ +details: \{"apiKey":"\[redacted\]","pages":720\}$/m,
      /^ +caused by: RangeError: letter 300 of 256$/m,
    ]) {
      expect(chain).toMatch(part);
    }
    expect(output).not.toContain('a secret of the scanner');
  });

  it('makes no claim that does not hold, in 80 columns and without escape codes', () => {
    expect(lines.filter((line) => line.startsWith('  ✓'))).toHaveLength(20);
    expect(output).not.toContain('✗');
    expect(output).not.toContain('\u001b');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('ends on SIGINT at once, and leaves no process behind', async () => {
    const ended = await interrupt(command, { cwd });
    expect(ended).toMatchObject({ exitCode: 130, leftBehind: [] });
    expect(ended.tookMs).toBeLessThan(2_000);
    // Nor did what would have come next.
    expect(ended.output).not.toContain('and no secret');
  });
});
