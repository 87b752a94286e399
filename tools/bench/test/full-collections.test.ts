import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Code that knew objects of a shape of which none was left. */
const discarded = /reason: weak objects/;

function trace(call: string): string {
  const flags = ['--expose-gc', '--trace-deopt'];
  const { status, stdout } = spawnSync(process.execPath, [...flags, join(__dirname, 'full-collections.mjs'), call], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  expect(status).toBe(0);
  return stdout;
}

test.each(['cancel', 'retry', 'breaker', 'bucket', 'wait', 'pool', 'keyed', 'map', 'group'])(
  'no full collection between calls makes V8 discard what it has compiled: %s',
  (call) => {
    const lines = trace(call).split('\n');
    expect(lines.filter((line) => discarded.test(line))).toEqual([]);
  },
);

test('which it does where no object of a shape is left: those of the timers of Node.js', () => {
  expect(trace('deadline')).toMatch(discarded);
});
