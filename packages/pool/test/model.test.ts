import { VirtualClock } from '@patterns/context/testing';
import { TaskPool } from '@patterns/pool';
import fc from 'fast-check';
import { held, turns, type HeldTask } from './held-task.ts';
import { NaivePool, type NaiveOptions, type NaiveSpec, type NaiveTask } from './naive-pool.ts';

const options: fc.Arbitrary<NaiveOptions> = fc.record({
  concurrency: fc.integer({ min: 1, max: 4 }),
  maxQueue: fc.constantFrom(0, 1, 3, Infinity),
  overflow: fc.constantFrom('reject', 'wait', 'drop-oldest', 'drop-newest', 'caller-runs'),
  fairness: fc.constantFrom('fifo', 'round-robin'),
  serializeKeys: fc.boolean(),
  ageingMs: fc.constantFrom(Infinity, 7),
});

const spec: fc.Arbitrary<NaiveSpec> = fc.record({
  priority: fc.constantFrom(0, 0, 0, 1, 2),
  weight: fc.constantFrom(1, 1, 1, 2, 3),
  key: fc.constantFrom(undefined, 'a', 'b', 'c'),
  queueTimeoutMs: fc.constantFrom(Infinity, Infinity, Infinity, 10, 15, 0),
  timeoutMs: fc.constantFrom(Infinity, Infinity, 10, 15),
  release: fc.constantFrom('settled', 'timeout'),
});

type Step =
  | { readonly do: 'submit'; readonly spec: NaiveSpec }
  | { readonly do: 'end'; readonly which: number; readonly outcome: 'value' | 'error' }
  | { readonly do: 'abort'; readonly which: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'resize'; readonly to: number }
  | { readonly do: 'pause' | 'resume' | 'clear' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('submit' as const), spec }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(4),
      outcome: fc.constantFrom('value' as const, 'value' as const, 'error' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), to: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const, 'clear' as const) }) },
);

/** A real pool beside the naive one. */
class Twins {
  readonly #clock = new VirtualClock();
  readonly #pool: TaskPool;
  readonly #naive: NaivePool;
  readonly #held: HeldTask[] = [];
  readonly #controllers: AbortController[] = [];
  readonly #outcomes: (string | undefined)[] = [];
  readonly #started: number[] = [];

  constructor(options: NaiveOptions) {
    this.#pool = new TaskPool({ ...options, clock: this.#clock });
    this.#naive = new NaivePool(options);
  }

  async take(step: Step): Promise<void> {
    const [pool, naive] = [this.#pool, this.#naive];
    switch (step.do) {
      case 'submit':
        this.#submit({ ...step.spec, weight: Math.min(step.spec.weight, naive.concurrency) });
        break;
      case 'end': {
        const { running } = naive;
        const task = running[step.which % running.length];
        if (task !== undefined) this.#end(task, step.outcome);
        break;
      }
      case 'abort': {
        const task = naive.tasks[step.which % naive.tasks.length];
        if (task === undefined) break;
        this.#controllers[task.id]?.abort('aborted');
        naive.abort(task);
        break;
      }
      case 'advance':
        await this.#clock.advance(step.ms);
        naive.advance(step.ms);
        break;
      case 'resize':
        pool.resize(step.to);
        naive.change(() => {
          naive.concurrency = step.to;
        });
        break;
      case 'clear':
        expect(pool.clear()).toBe(naive.clear());
        break;
      default:
        pool[step.do]();
        naive.change(() => {
          naive.isPaused = step.do === 'pause';
        });
    }
    await turns();
    this.#compare();
  }

  /** Lets everything end: nothing is left. */
  async finish(): Promise<void> {
    await this.take({ do: 'resume' });
    while (this.#naive.running.length > 0) await this.take({ do: 'end', which: 0, outcome: 'value' });
    for (const task of this.#held) task.end('late');
    await this.#pool.close();
    await turns();
    expect(this.#outcomes).not.toContain(undefined);
    expect([this.#pool.active, this.#pool.size, this.#clock.pending]).toEqual([0, 0, 0]);
  }

  #submit(spec: NaiveSpec): void {
    const id = this.#held.length;
    const task = held();
    const controller = new AbortController();
    this.#held.push(task);
    this.#controllers.push(controller);
    this.#outcomes.push(undefined);
    const told = (outcome: string) => (): void => {
      this.#outcomes[id] = outcome;
    };
    this.#pool
      .run(
        (ctx) => {
          this.#started.push(id);
          return task.run(ctx);
        },
        { ...spec, signal: controller.signal },
      )
      .then(told('value'), (error: unknown) => {
        told(codeOf(error))();
      })
      .catch(told('never'));
    this.#naive.submit(spec);
  }

  #end(task: NaiveTask, outcome: 'value' | 'error'): void {
    if (outcome === 'value') this.#held[task.id]?.end('value');
    else this.#held[task.id]?.fail('error');
    this.#naive.end(task, outcome);
  }

  #compare(): void {
    const [pool, naive] = [this.#pool, this.#naive];
    expect(this.#started).toEqual(naive.started);
    expect(this.#outcomes).toEqual(naive.tasks.map(({ outcome }) => outcome));
    expect([pool.size, pool.active]).toEqual([naive.queue.length + naive.line.length, naive.running.length]);
    const { submitted, completed, failed, rejected, canceled } = pool.stats();
    const count = (...of: string[]): number => naive.tasks.filter(({ outcome }) => of.includes(outcome ?? '')).length;
    expect({ submitted, completed, failed, rejected, canceled }).toEqual({
      submitted: naive.tasks.length,
      completed: count('value'),
      failed: count('error', 'run timeout'),
      rejected: count('ERR_POOL_FULL', 'queue timeout', 'ERR_CANCELED'),
      canceled: count('aborted'),
    });
  }
}

function codeOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { code, phase } = error as { readonly code: string; readonly phase?: string };
  return phase === undefined ? code : `${phase} timeout`;
}

it('does in all situations what the naive pool does', async () => {
  await fc.assert(
    fc.asyncProperty(options, fc.array(step, { maxLength: 40 }), async (given, steps) => {
      const twins = new Twins(given);
      for (const one of steps) await twins.take(one);
      await twins.finish();
    }),
    { numRuns: 1_000 },
  );
}, 120_000);
