import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

it.each(['Asia/Tokyo', 'America/New_York'])(
  'a date of any form in Retry-After is one in GMT, in %s too',
  async (zone) => {
    const script = `
    import { classify } from '@patterns/errors';
    Date.now = () => Date.UTC(2026, 0, 1);
    const dates = ['Thu, 01 Jan 2026 00:00:30 GMT', 'Thursday, 01-Jan-26 00:00:30 GMT', 'Thu Jan  1 00:00:30 2026'];
    const delays = dates.map((date) => classify({ headers: { 'retry-after': date } }).retryAfterMs);
    console.log(new Date(0).getTimezoneOffset() !== 0, delays.join());
  `;
    const { stdout } = await run(
      process.execPath,
      ['--import', 'tsx', '--conditions=@patterns/source', '--input-type=module', '-e', script],
      {
        cwd: join(__dirname, '..'),
        env: { ...process.env, TZ: zone, FORCE_COLOR: '0', NO_COLOR: '1' },
        timeout: 15_000,
        killSignal: 'SIGKILL',
      },
    );
    expect(stdout).toBe('true 30000,30000,30000\n');
  },
  20_000,
);
