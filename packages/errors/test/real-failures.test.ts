import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Classification, ErrorKind } from '@patterns/errors';

const run = promisify(execFile);
const fixture = join(__dirname, 'fixtures', 'real-failures.ts');
const node = ['--import', 'tsx', '--conditions=@patterns/source', fixture];

const expected: Record<string, ErrorKind> = {
  'net refused': 'unavailable',
  'net reset': 'transient',
  'http refused': 'unavailable',
  'http hung up': 'transient',
  'https untrusted': 'auth',
  dns: 'unavailable',
  abort: 'canceled',
  'node abort': 'canceled',
  'timeout signal': 'timeout',
  ENOSPC: 'unavailable',
  ENOENT: 'client',
  EEXIST: 'conflict',
  EISDIR: 'client',
  ENOTDIR: 'client',
  TypeError: 'bug',
  ReferenceError: 'bug',
  SyntaxError: 'bug',
  RangeError: 'bug',
  ERR_INVALID_ARG_TYPE: 'bug',
  'fetch refused': 'unavailable',
  'fetch reset': 'transient',
  'fetch dns': 'unavailable',
  'fetch untrusted': 'auth',
  'fetch aborted': 'canceled',
  'fetch timeout': 'timeout',
  'fetch of no url': 'bug',
  'fetch 401': 'auth',
  'fetch 404': 'client',
  'fetch 408': 'timeout',
  'fetch 409': 'conflict',
  'fetch 429': 'throttled',
  'fetch 500': 'transient',
  'fetch 503': 'unavailable',
  'fetch 504': 'timeout',
  'axios refused': 'unavailable',
  'axios reset': 'transient',
  'axios timeout': 'timeout',
  'axios aborted': 'canceled',
  'got refused': 'unavailable',
  'got reset': 'transient',
  'got timeout': 'timeout',
  'got aborted': 'canceled',
  'undici refused': 'unavailable',
  'undici reset': 'transient',
  'undici headers timeout': 'timeout',
  'undici aborted': 'canceled',
  'ioredis refused': 'unavailable',
  'grpc refused': 'unavailable',
};
const byStatus: [number, ErrorKind][] = [
  [401, 'auth'],
  [404, 'client'],
  [409, 'conflict'],
  [429, 'throttled'],
  [500, 'transient'],
  [503, 'unavailable'],
];
for (const client of ['axios', 'got', 'undici'])
  for (const [status, kind] of byStatus) expected[`${client} ${status}`] = kind;
const grpc: ErrorKind[] = [
  'canceled',
  'unknown',
  'client',
  'timeout',
  'client',
  'conflict',
  'auth',
  'throttled',
  'client',
  'transient',
  'client',
  'client',
  'unknown',
  'unavailable',
  'unknown',
  'auth',
];
grpc.forEach((kind, index) => {
  expected[`grpc ${index + 1}`] = kind;
});

describe('failures that really happen', () => {
  let findings: Record<string, Classification>;

  beforeAll(async () => {
    const { stdout } = await run(process.execPath, node, { timeout: 55_000, killSignal: 'SIGKILL' });
    findings = JSON.parse(stdout) as typeof findings;
  }, 60_000);

  it.each(Object.entries(expected))('%s is %s', (name, kind) => {
    expect(findings[name]?.kind).toBe(kind);
  });

  it('are all expected', () => {
    expect(Object.keys(findings).filter((name) => !(name in expected))).toEqual([]);
  });

  it('say when to try again, where the answer did', () => {
    for (const client of ['fetch', 'axios', 'got', 'undici'])
      expect([client, findings[`${client} 503`]?.retryAfterMs]).toEqual([client, 3_000]);
  });

  it('running out of files is transient', async () => {
    const { stdout } = await run('sh', ['-c', 'ulimit -n 160; exec "$0" "$@"', process.execPath, ...node, 'emfile'], {
      timeout: 25_000,
      killSignal: 'SIGKILL',
    });
    expect(JSON.parse(stdout)).toEqual({ EMFILE: { kind: 'transient', retryable: true } });
  }, 30_000);
});
