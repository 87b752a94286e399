import { VirtualClock } from '@patterns/context/testing';
import { TaskPool, type TaskOptions } from '@patterns/pool';
import fc from 'fast-check';
import { turns } from './held-task.ts';

/** What an operation does, after `takes` turns of the event loop. */
interface Plan {
  readonly weight: number;
  readonly takes: number;
  readonly ends: 'value' | 'rejects' | 'throws at once' | 'runs into its timeout';
  readonly isAborted: boolean;
  /** Tasks that it submits, and waits for under its own context. */
  readonly inner: readonly Plan[];
}

const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.record({
    weight: fc.integer({ min: 1, max: 3 }),
    takes: fc.integer({ min: 0, max: 2 }),
    ends: fc.constantFrom('value', 'value', 'rejects', 'throws at once', 'runs into its timeout'),
    isAborted: fc.boolean(),
    inner: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 6, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(tie('plan'), { maxLength: 3 }) },
    ),
  }),
}));

type Command =
  | { readonly do: 'submit'; readonly plan: Plan }
  | { readonly do: 'resize'; readonly to: number }
  | { readonly do: 'pause' | 'resume' | 'clear' | 'turn' };

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('submit' as const), plan }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resize' as const), to: fc.integer({ min: 3, max: 6 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('pause' as const, 'resume' as const, 'clear' as const, 'turn' as const),
    }),
  },
);

class Harness {
  readonly clock = new VirtualClock();
  readonly pool: TaskPool = new TaskPool({ concurrency: 3, maxQueue: Infinity, clock: this.clock });
  readonly controllers: AbortController[] = [];
  weight = 0;
  /** The limit when it was last lower: what runs is not touched by a resize. */
  limit = 3;
  submitted = 0;
  settled = 0;
  /** Order of submission of those that have started, as they started. */
  readonly started: number[] = [];

  async submit(given: Plan, options: TaskOptions): Promise<void> {
    const number = this.submitted++;
    const controller = new AbortController();
    if (given.isAborted) this.controllers.push(controller);
    const outcome = this.pool.run(
      async (ctx) => {
        this.started.push(number);
        this.weight += given.weight;
        if (this.weight > this.limit) throw new Error(`weight ${this.weight} of ${this.limit}`);
        for (let turn = 0; turn < given.takes; turn++) await turns();
        await Promise.all(given.inner.map((one) => this.submit(one, { signal: ctx })));
        if (given.ends === 'runs into its timeout')
          await new Promise<void>((resolve) => this.clock.setTimeout(resolve, 50));
        this.weight -= given.weight;
        if (given.ends === 'rejects') throw new RangeError('planned');
      },
      {
        weight: given.weight,
        ...(given.ends === 'runs into its timeout' ? { timeoutMs: 20 } : undefined),
        ...(options.signal === undefined && given.isAborted ? { signal: controller.signal } : options),
      },
    );
    const code = await outcome.then(
      () => undefined,
      (error: unknown) => error,
    );
    this.settled++;
    if (String(code).startsWith('Error: weight')) throw code;
  }
}

it('never runs more than the limit, settles every promise, keeps the order and leaves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
      const harness = new Harness();
      const { pool, clock } = harness;
      const outcomes: Promise<void>[] = [];
      for (const one of commands) {
        if (one.do === 'submit') {
          const given: Plan = one.plan;
          if (given.ends === 'throws at once') {
            outcomes.push(
              expect(
                pool.run(() => {
                  throw new RangeError('planned');
                }),
              ).rejects.toBeDefined(),
            );
          } else {
            outcomes.push(harness.submit(given, {}));
          }
        } else if (one.do === 'resize') {
          pool.resize(one.to);
          harness.limit = Math.max(harness.limit, one.to);
        } else if (one.do === 'turn') {
          await turns();
          harness.controllers.pop()?.abort(new Error('aborted'));
        } else {
          pool[one.do]();
        }
      }
      pool.resume();
      for (let n = 0; n < 400 && (pool.active > 0 || pool.size > 0); n++) await clock.advance(25);
      await Promise.all(outcomes);
      await pool.close();
      expect([pool.active, pool.size, clock.pending, harness.weight]).toEqual([0, 0, 0, 0]);
      expect(harness.settled).toBe(harness.submitted);
      expect(harness.started).toEqual([...harness.started].sort((a, b) => a - b));
      const { submitted, completed, failed, rejected, canceled } = pool.stats();
      expect(completed + failed + rejected + canceled).toBe(submitted);
    }),
    { numRuns: 1_000 },
  );
}, 120_000);
