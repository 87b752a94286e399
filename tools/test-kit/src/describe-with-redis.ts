import { isRedisAvailable, redisHint, type RedisServer, startRedis, type StartRedisOptions } from './start-redis.ts';

let isSaid = false;

/**
 * `describe` with a Redis that is started before its tests and stopped after them. Where there is none, its tests count as skipped and one line says why;
 * with `CI=true` they fail.
 *
 * @param define gets the way to the server, which there is once tests and hooks run
 */
export function describeWithRedis(
  name: string,
  define: (redis: () => RedisServer) => void,
  options: StartRedisOptions = {},
): void {
  const isDemanded = process.env['CI'] === 'true';
  const isRun = isRedisAvailable() || isDemanded;
  if (!isRun) sayOnce(`not run: no redis-server (${redisHint})`);

  (isRun ? describe : describe.skip)(name, () => {
    let starting: Promise<RedisServer> | undefined;
    let server: RedisServer | undefined;
    beforeAll(async () => {
      starting = startRedis(options);
      server = await starting;
    });
    afterAll(async () => {
      // Also one that came too late for its tests.
      const late = await starting?.catch(() => undefined);
      await late?.stop();
    });
    define(() => {
      if (server === undefined) throw new Error('Redis is started before the tests: ask for it in a test or hook');
      return server;
    });
  });
}

/** Once a test file. Not by `console`, which Jest prints with a stack. */
function sayOnce(line: string): void {
  if (isSaid) return;
  isSaid = true;
  process.stderr.write(`${line}\n`);
}
