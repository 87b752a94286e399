import { Ratelimit, RatelimitRefusedError } from '@patterns/ratelimit';
import fc from 'fast-check';

it('never runs more than maxRunning calls, refuses only when so many run, and loses no place', async () => {
  const calls = fc.array(fc.record({ arrives: fc.nat(20), takes: fc.nat(5), fails: fc.boolean() }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.nat(4), calls, fc.scheduler(), async (maxRunning, plans, scheduler) => {
      const policy = new Ratelimit({ maxRunning });
      let running = 0;
      const call = async ({ takes, fails }: { readonly takes: number; readonly fails: boolean }): Promise<void> => {
        const runningBefore = running;
        const outcome = policy.execute(async () => {
          running += 1;
          expect(running).toBeLessThanOrEqual(maxRunning);
          for (let step = 0; step < takes; step += 1) await scheduler.schedule(Promise.resolve());
          running -= 1;
          if (fails) throw new RangeError('planned');
        });
        const error = await outcome.catch((reason: unknown) => reason);
        const wasRefused = error instanceof RatelimitRefusedError;
        expect(wasRefused).toBe(runningBefore >= maxRunning);
      };
      const done = plans
        .sort((a, b) => a.arrives - b.arrives)
        .map((plan) => scheduler.schedule(Promise.resolve()).then(() => call(plan)));
      await scheduler.waitFor(Promise.all(done));
      expect([policy.running, running]).toEqual([0, 0]);
    }),
    { numRuns: 1000 },
  );
});
