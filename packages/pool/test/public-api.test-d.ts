import type { Context, Policy } from '@patterns/context';
import type { PatternError } from '@patterns/errors';
import { Pool, type PoolDiagnostics, type PoolOptions, type PoolRefusedError, type RefusedEvent } from '@patterns/pool';
import { expectTypeOf } from 'expect-type';

const policy = new Pool({
  name: 'db',
  maxRunning: 1,
  onRefused: (event) => {
    expectTypeOf(event).toEqualTypeOf<RefusedEvent>();
  },
});

expectTypeOf(policy).toExtend<Policy>();
expectTypeOf(policy.kind).toEqualTypeOf<'pool'>();
expectTypeOf(policy.execute((ctx) => ctx)).toEqualTypeOf<Promise<Context>>();
expectTypeOf(policy.execute(() => Promise.resolve(1), { signal: AbortSignal.abort() })).toEqualTypeOf<
  Promise<number>
>();
expectTypeOf(policy.wrap((id: string) => id.length)).toEqualTypeOf<(this: unknown, id: string) => Promise<number>>();

expectTypeOf<PoolRefusedError>().toExtend<PatternError>();
expectTypeOf<PoolRefusedError['code']>().toEqualTypeOf<'ERR_POOL_REFUSED'>();
expectTypeOf<PoolDiagnostics['patterns:pool:refused']>().toEqualTypeOf<RefusedEvent>();

// Options from elsewhere may be undefined, under exactOptionalPropertyTypes too.
expectTypeOf<{ name: undefined; maxRunning: undefined; onRefused: undefined }>().toExtend<PoolOptions>();

// @ts-expect-error TS2322: a limit is a number
new Pool({ maxRunning: '1' });
// @ts-expect-error TS2353: no such option
new Pool({ maxQueue: 1 });
// @ts-expect-error TS2540: what has been counted is not for others to change
policy.running = 0;
