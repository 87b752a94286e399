import { withTimeout, type Context, type Policy } from '@patterns/context';
import type { PatternError, Result } from '@patterns/errors';
import {
  TaskPool,
  type MapResults,
  type NestedWaitError,
  type PoolClosedError,
  type PoolDiagnostics,
  type PoolFullError,
  type RunningTask,
  type TaskGroup,
  type TaskOptions,
  type TaskPoolOptions,
  type TaskPoolStats,
  type TaskTimeoutError,
} from '@patterns/pool';
import type { DurationSummary } from '@patterns/structures';
import { expectTypeOf } from 'expect-type';

const pool = new TaskPool({ concurrency: 1 });

expectTypeOf(pool).toExtend<Policy>();
expectTypeOf(pool).toExtend<AsyncDisposable>();
expectTypeOf(pool.kind).toEqualTypeOf<'task-pool'>();
expectTypeOf(pool.run((ctx) => ctx)).toEqualTypeOf<Promise<Context>>();
expectTypeOf(pool.run(() => Promise.resolve(1), { signal: AbortSignal.abort() })).toEqualTypeOf<Promise<number>>();
expectTypeOf(pool.tryRun(() => 1)).toEqualTypeOf<Promise<number> | undefined>();
expectTypeOf(pool.execute(() => 'a')).toEqualTypeOf<Promise<string>>();
expectTypeOf(pool.wrap((id: string) => id.length)).toEqualTypeOf<(this: unknown, id: string) => Promise<number>>();
expectTypeOf<ReturnType<typeof pool.go>>().toBeVoid();
expectTypeOf(pool.wait()).toEqualTypeOf<Promise<void>>();
expectTypeOf(pool.stats()).toEqualTypeOf<TaskPoolStats>();
expectTypeOf(pool.running()).toEqualTypeOf<RunningTask[]>();
expectTypeOf<TaskPoolStats['waitMs']>().toEqualTypeOf<DurationSummary>();

const doubled = pool.map([1, Promise.resolve(2)], (n, ctx, index) => {
  expectTypeOf(n).toEqualTypeOf<number>();
  expectTypeOf(ctx).toEqualTypeOf<Context>();
  expectTypeOf(index).toEqualTypeOf<number>();
  return Promise.resolve(String(n));
});
expectTypeOf(doubled).toEqualTypeOf<MapResults<string>>();
expectTypeOf(doubled).toExtend<AsyncIterableIterator<string>>();
expectTypeOf(doubled.toArray()).toEqualTypeOf<Promise<string[]>>();
for await (const item of doubled) expectTypeOf(item).toEqualTypeOf<string>();
for await (const item of pool.mapSettled('ab', (char) => char.length))
  expectTypeOf(item).toEqualTypeOf<Result<number>>();

const group = pool.group<number>();
expectTypeOf(group).toEqualTypeOf<TaskGroup<number>>();
expectTypeOf(group.wait()).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(group.errors).toEqualTypeOf<readonly unknown[]>();

expectTypeOf<PoolFullError | PoolClosedError | TaskTimeoutError | NestedWaitError>().toExtend<PatternError>();
expectTypeOf<PoolFullError['code']>().toEqualTypeOf<'ERR_POOL_FULL'>();
expectTypeOf<PoolClosedError['code']>().toEqualTypeOf<'ERR_POOL_CLOSED'>();
expectTypeOf<TaskTimeoutError['code']>().toEqualTypeOf<'ERR_TASK_TIMEOUT'>();
expectTypeOf<NestedWaitError['code']>().toEqualTypeOf<'ERR_NESTED_WAIT'>();
expectTypeOf<PoolDiagnostics['patterns:pool:task']['outcome']>().toEqualTypeOf<
  'completed' | 'failed' | 'canceled' | 'timed-out'
>();

// Options from elsewhere may be undefined, under exactOptionalPropertyTypes too.
expectTypeOf<{
  concurrency: number;
  name: undefined;
  maxQueue: undefined;
  signal: undefined;
}>().toExtend<TaskPoolOptions>();
expectTypeOf<{ name: undefined; priority: undefined; key: undefined; release: undefined }>().toExtend<TaskOptions>();

// @ts-expect-error TS2345: concurrency has no default
new TaskPool({});
// @ts-expect-error TS2322: no such overflow
new TaskPool({ concurrency: 1, overflow: 'block' });
// @ts-expect-error TS2353: a misspelt option
await pool.run(() => 1, { timeout: 5 });
using late = withTimeout(undefined, 5);
// @ts-expect-error TS2345: a whole context is not an options object: its deadline would be lost
await pool.run(() => 1, late);
// @ts-expect-error TS2345: not a result of this group
group.go(() => 'a');
// @ts-expect-error TS2554: how many?
await pool.whenBelow();
// @ts-expect-error TS2540: what has been counted is not for others to change
pool.size = 0;
