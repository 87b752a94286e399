import { runJest } from './run-jest.ts';

const nowhere = { PATH: '', REDIS_URL: undefined };

describe('a suite that needs Redis, where there is none', () => {
  it('counts as skipped, and one line says why and what to do', async () => {
    const { exitCode, output } = await runJest('redis.test.ts', { ...nowhere, CI: undefined });
    expect(exitCode).toBe(0);
    expect(output).toMatch(/Tests:\s+2 skipped, 1 passed, 3 total/);
    expect(output.match(/^not run: no redis-server .*apt-get install redis-server.*REDIS_URL.*$/gm)).toHaveLength(1);
  }, 30_000);

  it('fails in CI', async () => {
    const { exitCode, output } = await runJest('redis.test.ts', { ...nowhere, CI: 'true' });
    expect(exitCode).toBe(1);
    expect(output).toMatch(/Tests:\s+2 failed, 1 passed, 3 total/);
    expect(output).toContain('no redis-server: put redis-server or valkey-server on the PATH');
  }, 30_000);
});
