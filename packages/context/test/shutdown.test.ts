import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(JEST|NODE_OPTIONS|NODE_ENV)/.test(name)),
);
const node = [
  process.execPath,
  '--import',
  'tsx',
  '--conditions=@patterns/source',
  join(__dirname, 'fixtures/shutdown/shutdown.fixture.ts'),
];

/** A real process that follows a scenario of the fixture. */
class Program {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown[]>;
  #wake: (() => void) | undefined;

  /** @param wrapper a command that runs it, as `env` does */
  constructor(scenario: string, wrapper: readonly string[] = []) {
    const [command, ...args] = [...wrapper, ...node, scenario];
    this.#child = spawn(command, args, { cwd: __dirname, env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#exit = once(this.#child, 'close');
    if (this.#child.stdout === null) throw new Error('no output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(line);
      this.#wake?.();
    });
  }

  get pid(): number {
    // Signals to 0 go to all of us.
    if (this.#child.pid === undefined) throw new Error('not started');
    return this.#child.pid;
  }

  /** Waits for a line that begins like this. */
  async says(beginning: string): Promise<void> {
    while (!this.lines.some((line) => line.startsWith(beginning))) {
      await Promise.race([
        new Promise<void>((resolve) => (this.#wake = resolve)),
        this.#exit.then(() => {
          throw new Error(`ended without '${beginning}': ${this.lines.join('; ')}`);
        }),
      ]);
    }
  }

  /** Exit code, or the name of the signal that killed it. */
  async end(): Promise<unknown> {
    const [code, signal] = await this.#exit;
    return code ?? signal;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    // Whatever it has left behind must not keep Jest from ending.
    this.#child.stdout?.destroy();
  }
}

const programs: Program[] = [];
const start = async (scenario: string, wrapper?: readonly string[]): Promise<Program> => {
  const program = new Program(scenario, wrapper);
  programs.push(program);
  await program.says('ready');
  return program;
};
afterEach(() => {
  for (const program of programs.splice(0)) program.kill();
});

const timeoutMs = 30_000;

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s is named by the cause, and lets the process end by itself',
  async (signal) => {
    const program = await start('drains and ends by itself');
    process.kill(program.pid, signal);
    expect(await program.end()).toBe(0);
    expect(program.lines.slice(1)).toEqual([`ShutdownError ${signal}`, 'drained']);
  },
  timeoutMs,
);

it.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'a second one, %s, forces with exit code %d',
  async (signal, exitCode) => {
    const program = await start('never gets done');
    process.kill(program.pid, 'SIGINT');
    await program.says('ShutdownError SIGINT');
    process.kill(program.pid, signal);
    expect(await program.end()).toBe(exitCode);
  },
  timeoutMs,
);

it(
  'the end of the grace forces like a second one',
  async () => {
    const program = await start('is given little grace');
    process.kill(program.pid, 'SIGTERM');
    expect(await program.end()).toBe(143);
    expect(program.lines.slice(1)).toEqual(['ShutdownError SIGTERM']);
  },
  timeoutMs,
);

it(
  'the grace does not hold a process that is done before',
  async () => {
    const program = await start('is given much grace and needs none');
    process.kill(program.pid, 'SIGTERM');
    expect(await program.end()).toBe(0);
  },
  timeoutMs,
);

it(
  'the third signal is met by what Node does by itself',
  async () => {
    const program = await start('only counts signals');
    process.kill(program.pid, 'SIGTERM');
    await program.says('ShutdownError SIGTERM');
    process.kill(program.pid, 'SIGINT');
    await program.says('second SIGINT');
    process.kill(program.pid, 'SIGTERM');
    expect(await program.end()).toBe('SIGTERM');
  },
  timeoutMs,
);

it.each(['SIGTERM', 'SIGINT'] as const)(
  'after cancel, %s kills as it always did',
  async (signal) => {
    const program = await start('has cancelled');
    process.kill(program.pid, signal);
    expect(await program.end()).toBe(signal);
  },
  timeoutMs,
);

it(
  'after cancel in the middle of a shutdown too',
  async () => {
    const program = await start('cancels on the first signal');
    process.kill(program.pid, 'SIGTERM');
    await program.says('ShutdownError SIGTERM');
    process.kill(program.pid, 'SIGINT');
    expect(await program.end()).toBe('SIGINT');
  },
  timeoutMs,
);

it(
  'the handlers do not hold the process open',
  async () => {
    const program = new Program('has nothing to do');
    programs.push(program);
    expect(await program.end()).toBe(0);
  },
  timeoutMs,
);

/** Ways to be the first process of a namespace, as in a container. */
const ways = [
  ['unshare', '--pid', '--fork', '--kill-child'],
  ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'],
  ['sudo', '-n', 'unshare', '--pid', '--fork', '--kill-child'],
] as const;
const way = ways.find(([command, ...args]) => spawnSync(command, [...args, 'true']).status === 0);
// Unlike a server, the right to make a namespace cannot be installed: without it the tests count as skipped.
const describeAsFirst = way === undefined ? describe.skip : describe;

describeAsFirst('as the process with id 1, to which signals without a handler do nothing', () => {
  const startFirst = async (
    scenario: string,
  ): Promise<{ program: Program; raise: (signal: NodeJS.Signals) => void }> => {
    const program = await start(scenario, way ?? ways[0]);
    expect(program.lines).toEqual(['ready 1']);
    return { program, raise: (signal) => process.kill(lastBelow(program.pid), signal) };
  };

  it(
    'the first signal lets it end by itself',
    async () => {
      const { program, raise } = await startFirst('drains and ends by itself');
      raise('SIGTERM');
      expect(await program.end()).toBe(0);
      expect(program.lines.slice(1)).toEqual(['ShutdownError SIGTERM', 'drained']);
    },
    timeoutMs,
  );

  it(
    'the second one ends it all the same',
    async () => {
      const { program, raise } = await startFirst('never gets done');
      raise('SIGTERM');
      await program.says('ShutdownError SIGTERM');
      raise('SIGTERM');
      expect(await program.end()).toBe(143);
    },
    timeoutMs,
  );

  it(
    'so does the end of the grace',
    async () => {
      const { program, raise } = await startFirst('is given little grace');
      raise('SIGINT');
      expect(await program.end()).toBe(130);
    },
    timeoutMs,
  );
});

/** The program that a chain of wrappers has started. */
function lastBelow(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return child === undefined || child === '' ? pid : lastBelow(Number(child));
}
