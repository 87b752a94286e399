import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Readable, type Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { describeWithRedis } from './describe-with-redis.ts';
import { failOnLeaks } from './fail-on-leaks.ts';
import { startRedis } from './start-redis.ts';
import { until } from './until.ts';

failOnLeaks();
const { REDIS_URL: givenUrl } = process.env;

describeWithRedis('startRedis', (redis) => {
  // Here it is about servers of our own, whatever the environment offers.
  beforeEach(() => {
    delete process.env['REDIS_URL'];
  });
  afterEach(() => {
    if (givenUrl !== undefined) process.env['REDIS_URL'] = givenUrl;
  });

  it('gives suites a server that answers', async () => {
    expect(await ping(redis().port)).toBe('+PONG\r\n');
  });

  it('speaks with a client', async () => {
    await using server = await startRedis();
    const client = new Redis(server.url);
    await client.set('key', 'value');
    expect(await client.get('key')).toBe('value');
    await client.quit();
  });

  it('starts two servers side by side, with nothing in common', async () => {
    await using first = await startRedis();
    await using second = await startRedis();
    expect(first.port).not.toBe(second.port);
  });

  it('stops, and leaves nothing on disk', async () => {
    const before = folders();
    const server = await startRedis();
    expect(folders().length).toBe(before.length + 1);
    await server.stop();
    expect(await ping(server.port)).toBe('ECONNREFUSED');
    expect(folders()).toEqual(before);
    await server.stop();
  });

  it('comes back on the port of a server that was stopped', async () => {
    const first = await startRedis();
    await first.stop();
    await using server = await startRedis({ port: first.port });
    expect(await ping(server.port)).toBe('+PONG\r\n');
  });

  it('can be suspended: connections are taken and nobody answers', async () => {
    await using server = await startRedis();
    server.suspend();
    expect(await ping(server.port, 100)).toBe('silence');
    server.resume();
    expect(await ping(server.port)).toBe('+PONG\r\n');
  });

  it('stops while it is suspended', async () => {
    const server = await startRedis();
    server.suspend();
    await server.stop();
    expect(await ping(server.port)).toBe('ECONNREFUSED');
  });

  it('passes arguments on', async () => {
    await using server = await startRedis({ args: ['--maxmemory', '7mb'] });
    const client = new Redis(server.url);
    expect(await client.config('GET', 'maxmemory')).toEqual(['maxmemory', String(7 * 2 ** 20)]);
    await client.quit();
  });

  it('says what the server said when it does not start', async () => {
    const before = folders();
    await expect(startRedis({ args: ['--no-such-option', '1'] })).rejects.toThrow(
      /did not start:[\s\S]*no-such-option/,
    );
    expect(folders()).toEqual(before);
  });

  it('does not start on a port that is taken', async () => {
    await expect(startRedis({ port: redis().port })).rejects.toThrow(/did not start:[\s\S]*Address already in use/);
  });

  it.each([
    ['exits', (owner: Owner) => owner.stdin.write('exit\n')],
    ['is killed', (owner: Owner) => owner.kill('SIGKILL')],
    ['is interrupted', (owner: Owner) => owner.kill('SIGINT')],
  ])('ends with a process that %s', async (_how, end) => {
    const owner = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../test/fixtures/redis-owner.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(createInterface(owner.stdout), 'line')) as [string];
      const port = Number(line);
      expect(await ping(port)).toBe('+PONG\r\n');
      end(owner);
      await once(owner, 'exit');
      await until(async () => (await ping(port)) === 'ECONNREFUSED');
    } finally {
      owner.kill('SIGKILL');
    }
  });

  it('takes REDIS_URL where it is set, and leaves that server alone', async () => {
    process.env['REDIS_URL'] = redis().url;
    try {
      const server = await startRedis();
      expect([server.url, server.host, server.port]).toEqual([redis().url, redis().host, redis().port]);
      expect(() => {
        server.suspend();
      }).toThrow('not ours to stop');
      await server.stop();
    } finally {
      delete process.env['REDIS_URL'];
    }
    expect(await ping(redis().port)).toBe('+PONG\r\n');
  });
});

type Owner = ChildProcessByStdio<Writable, Readable, null>;

/** What comes back: an answer, the code of an error, 'closed' or 'silence'. */
function ping(port: number, timeoutMs = 10_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .setEncoding('utf8')
      .setTimeout(timeoutMs, () => {
        answer('silence');
      })
      .on('data', (data: string) => {
        answer(data);
      })
      .on('error', ({ code = '' }: NodeJS.ErrnoException) => {
        answer(code);
      })
      // By a server that ends with the connection taken and not answered.
      .on('close', () => {
        answer('closed');
      });
    const answer = (text: string): void => {
      socket.destroy();
      resolve(text);
    };
    socket.write('PING\r\n');
  });
}

function folders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`test-kit-redis-${process.pid}-`));
}
