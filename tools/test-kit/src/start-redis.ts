import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface StartRedisOptions {
  /** @defaultValue a free port of 127.0.0.1. A server can be started again where one was stopped. */
  readonly port?: number;
  /** More arguments for the server: `['--cluster-enabled', 'yes']`. Ignored with `REDIS_URL`. */
  readonly args?: readonly string[];
}

export interface RedisServer extends AsyncDisposable {
  /** 'redis://127.0.0.1:40123'. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The server is there and answers nobody, until {@link resume}. Not with `REDIS_URL`. */
  suspend(): void;
  resume(): void;
  /** Ends the server at once; nothing of it stays on disk. One of `REDIS_URL` goes on. */
  stop(): Promise<void>;
}

/** How to get a server, for whoever reads that none was found. */
export const redisHint =
  'put redis-server or valkey-server on the PATH (apt-get install redis-server), or set REDIS_URL';

/** Whether {@link startRedis} has something to start. */
export function isRedisAvailable(): boolean {
  return process.env['REDIS_URL'] !== undefined || findServer() !== undefined;
}

/**
 * A Redis for tests: that of `REDIS_URL`, else a `redis-server` or `valkey-server` of the PATH on a free port of 127.0.0.1, which keeps nothing on disk.
 * It ends with {@link RedisServer.stop}, and with this process however that ends.
 *
 * @throws {Error} if there is no server, or if it does not start
 */
export async function startRedis({ port, args = [] }: StartRedisOptions = {}): Promise<RedisServer> {
  const given = process.env['REDIS_URL'];
  if (given !== undefined) return external(given);
  const program = findServer();
  if (program === undefined) throw new Error(`no redis-server: ${redisHint}`);
  if (port !== undefined) return launch(program, port, args);
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(program, await freePort(), args);
    } catch (error) {
      // Between looking for the port and listening on it, somebody else can take it.
      if (attempt === 3 || !String(error).includes('Address already in use')) throw error;
    }
  }
}

/**
 * Redis cannot be told to end with its parent, so a shell stands between: when its standard input closes, because we say so or because we are gone
 * (even by SIGKILL), it kills the server. It also ends when the server does, and clears up behind it. The first line is the id of the server's process,
 * written by that process before it becomes the server: from the shell it could come after all that the server says.
 */
const keeper = `
dir=$1; shift
trap '' INT TERM
exec 3<&0
sh -c 'echo "pid $$"; exec "$@"' server "$@" </dev/null 2>&1 3<&- &
server=$!
exec 2>/dev/null
{ read -r _ <&3; kill -9 $server; } >/dev/null &
guard=$!
exec 3<&-
wait $server
kill -9 $guard
rm -rf "$dir"
`;

async function launch(program: string, port: number, args: readonly string[]): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), `test-kit-redis-${process.pid}-`));
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    dir,
    '--save',
    '',
    '--appendonly',
    'no',
    '--daemonize',
    'no',
  ];
  const child = spawn('/bin/sh', ['-c', keeper, 'keeper', dir, program, ...settings, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const started = new Promise<number | undefined>((resolve) => {
    let pid: number | undefined;
    createInterface(child.stdout).on('line', (line) => {
      // The log goes on: it has to be read, and need not be kept.
      if (lines.length < 100) lines.push(line);
      if (line.startsWith('pid ')) pid = Number(line.slice('pid '.length));
      if (line.includes('Ready to accept connections')) resolve(pid);
    });
    // Unlike 'exit' it comes after the last line.
    child.once('close', () => {
      resolve(undefined);
    });
  });
  const pid = await started;
  if (pid === undefined) throw new Error(`${program} did not start:\n${lines.join('\n')}`);

  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    host: '127.0.0.1',
    port,
    suspend: () => {
      process.kill(pid, 'SIGSTOP');
    },
    resume: () => {
      process.kill(pid, 'SIGCONT');
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function external(url: string): RedisServer {
  const { hostname, port } = new URL(url);
  const refuse = (): never => {
    throw new Error('the server of REDIS_URL is not ours to stop');
  };
  const leave = (): Promise<void> => Promise.resolve();
  return {
    url,
    host: hostname,
    port: Number(port || 6379),
    suspend: refuse,
    resume: refuse,
    stop: leave,
    [Symbol.asyncDispose]: leave,
  };
}

function findServer(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
