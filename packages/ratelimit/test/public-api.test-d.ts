import type { Context, Policy } from '@patterns/context';
import type { PatternError } from '@patterns/errors';
import {
  Ratelimit,
  type RatelimitDiagnostics,
  type RatelimitOptions,
  type RatelimitRefusedError,
  type RefusedEvent,
} from '@patterns/ratelimit';
import { expectTypeOf } from 'expect-type';

const policy = new Ratelimit({
  name: 'db',
  maxRunning: 1,
  onRefused: (event) => {
    expectTypeOf(event).toEqualTypeOf<RefusedEvent>();
  },
});

expectTypeOf(policy).toExtend<Policy>();
expectTypeOf(policy.kind).toEqualTypeOf<'ratelimit'>();
expectTypeOf(policy.execute((ctx) => ctx)).toEqualTypeOf<Promise<Context>>();
expectTypeOf(policy.execute(() => Promise.resolve(1), { signal: AbortSignal.abort() })).toEqualTypeOf<
  Promise<number>
>();
expectTypeOf(policy.wrap((id: string) => id.length)).toEqualTypeOf<(this: unknown, id: string) => Promise<number>>();

expectTypeOf<RatelimitRefusedError>().toExtend<PatternError>();
expectTypeOf<RatelimitRefusedError['code']>().toEqualTypeOf<'ERR_RATELIMIT_REFUSED'>();
expectTypeOf<RatelimitDiagnostics['patterns:ratelimit:refused']>().toEqualTypeOf<RefusedEvent>();

// Options from elsewhere may be undefined, under exactOptionalPropertyTypes too.
expectTypeOf<{ name: undefined; maxRunning: undefined; onRefused: undefined }>().toExtend<RatelimitOptions>();

// @ts-expect-error TS2322: a limit is a number
new Ratelimit({ maxRunning: '1' });
// @ts-expect-error TS2353: no such option
new Ratelimit({ maxQueue: 1 });
// @ts-expect-error TS2540: what has been counted is not for others to change
policy.running = 0;
