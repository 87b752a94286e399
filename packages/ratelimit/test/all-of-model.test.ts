import { allOf, TokenBucket, type RateLimiter } from '@patterns/ratelimit';
import fc from 'fast-check';
import { foreign } from './foreign.ts';
import { ManualClock } from './manual-clock.ts';

// Many rounds, on machines that have other things to do.
jest.setTimeout(120_000);

/** Of which limits an `allOf` is made: some of the same, some of another copy, some made of others. */
type Tree = number | { readonly of: number; readonly isForeign: true } | readonly Tree[];

const leaf = fc.nat(3);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ of: leaf, isForeign: fc.constant(true as const) }),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
  ),
}));

it('takes once from each limit, or from none, however it is put together', () => {
  const steps = fc.array(fc.record({ do: fc.constantFrom('try', 'check', 'peek', 'reserve'), permits: fc.nat(3) }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.array(tree, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(9), { minLength: 8, maxLength: 8 }),
      steps,
      (trees, bursts, steps) => {
        const clock = new ManualClock();
        const limits = bursts.map((burst) => new TokenBucket({ ratePerSecond: 0, burst, clock }));
        const others = limits.map(foreign);
        const used = new Set<number>();
        const make = (tree: Tree): RateLimiter => {
          if (typeof tree === 'object' && 'of' in tree) {
            // They are limits of their own: through their methods alone nobody can tell that two are one.
            used.add(tree.of + 4);
            return others[tree.of + 4] as RateLimiter;
          }
          if (typeof tree === 'object') return allOf(...(tree.map(make) as [RateLimiter]));
          used.add(tree);
          return limits[tree] as RateLimiter;
        };
        const joint = make(trees);
        const left = [...bursts];
        for (const { do: act, permits } of steps) {
          const isThere = [...used].every((n) => (left[n] as number) >= permits);
          if (act === 'try') expect(joint.tryAcquire(permits)).toBe(isThere);
          else if (act === 'check') expect(joint.check(permits).allowed).toBe(isThere);
          else if (act === 'peek') expect(joint.peek(permits).allowed).toBe(isThere);
          else expect(joint.reserve(permits)?.delayMs).toBe(isThere ? 0 : undefined);
          if (isThere && act !== 'peek') for (const n of used) left[n] = (left[n] as number) - permits;
          expect(limits.map(({ tokens }) => tokens)).toEqual(left);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});
