import { PoolFullError, TaskPool, type TaskOptions, type TaskPoolOptions } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, rejection, turns } from './held-task.ts';

failOnLeaks();

/** A pool of one that is busy, with a place for two; `end` lets it go on and says how each task has ended. */
function full(overflow: TaskPoolOptions['overflow'], options?: Partial<TaskPoolOptions>) {
  const pool = new TaskPool({ name: 'p', concurrency: 1, maxQueue: 2, overflow, ...options });
  const first = held();
  const ran: string[] = [];
  const outcomes: Promise<string>[] = [];
  const submit = (name: string, task?: TaskOptions): Promise<string> => {
    const outcome = pool.run(() => {
      ran.push(name);
      return name;
    }, task);
    outcomes.push(outcome.catch((error: unknown) => `${name}: ${(error as PoolFullError).code}`));
    return outcome;
  };
  outcomes.push(pool.run(first.run));
  const end = async (): Promise<{ ran: string; outcomes: string[] }> => {
    first.end('first');
    await pool.idle();
    return { ran: ran.join(' '), outcomes: await Promise.all(outcomes.slice(1)) };
  };
  return { pool, submit, end, first };
}

describe('overflow', () => {
  it("is refused by default, and by 'reject'", async () => {
    for (const overflow of [undefined, 'reject'] as const) {
      const { pool, submit, end } = full(overflow);
      await Promise.all([
        submit('a'),
        submit('b'),
        expect(rejection(submit('c'))).resolves.toMatchObject({ code: 'ERR_POOL_FULL', policy: 'p' }),
        end(),
      ]);
      expect(pool.stats()).toMatchObject({ submitted: 4, completed: 3, rejected: 1 });
    }
  });

  it('comes after a thousand by default', async () => {
    const pool = new TaskPool({ concurrency: 1 });
    pool.pause();
    const waiting = Array.from({ length: 1_000 }, (_, n) => pool.run(() => n));
    expect(await rejection(pool.run(() => 1_000))).toBeInstanceOf(PoolFullError);
    expect(pool.stats()).toMatchObject({ queued: 1_000, rejected: 1 });
    pool.resume();
    expect(await Promise.all(waiting)).toHaveLength(1_000);
  });

  it('has an error of its own, without a stack, for each refusal', async () => {
    const { submit, end } = full('reject');
    const waiting = [submit('a'), submit('b')];
    const [one, other] = [await rejection(submit('c')), await rejection(submit('d'))];
    expect(one).toBeInstanceOf(PoolFullError);
    expect(one).not.toBe(other);
    expect((one as Error).stack).toBe('PoolFullError: the queue of the pool is full');
    await Promise.all([...waiting, end()]);
  });

  it('with maxQueue 0 means to start at once or be refused', async () => {
    const { submit, end } = full('reject', { maxQueue: 0 });
    expect(await rejection(submit('a'))).toBeInstanceOf(PoolFullError);
    await end();
    await expect(submit('b')).resolves.toBe('b');
  });

  it("'wait' stands before the queue, first come, first served, whatever the priority", async () => {
    const { pool, submit, end } = full('wait');
    for (const name of ['a', 'b', 'c', 'd']) void submit(name);
    void submit('e', { priority: 9 });
    expect(pool.size).toBe(5);
    await turns();
    // c is in the queue when a has left it, then d, then e, which goes first.
    expect(await end()).toEqual({ ran: 'a b c e d', outcomes: ['a', 'b', 'c', 'd', 'e'] });
  });

  it("'wait' without a queue", async () => {
    const { pool, submit, end } = full('wait', { maxQueue: 0 });
    for (const name of ['a', 'b', 'c']) void submit(name);
    expect(pool.size).toBe(3);
    expect(pool.tryRun(() => 1)).toBeUndefined();
    expect(await end()).toEqual({ ran: 'a b c', outcomes: ['a', 'b', 'c'] });
  });

  it("'wait' without a queue, with keys that wait for their own", async () => {
    const { pool, submit, end, first } = full('wait', { maxQueue: 0, serializeKeys: true, concurrency: 2 });
    const second = held();
    const running = pool.run(second.run, { key: 'k' });
    for (const name of ['a', 'b']) void submit(name, { key: 'k' });
    first.end('');
    await turns();
    expect([pool.active, pool.size]).toEqual([1, 2]);
    second.end('');
    expect(await end()).toEqual({ ran: 'a b', outcomes: ['a', 'b'] });
    await running;
  });

  it("'wait' without a queue: the head of the line blocks what is lighter", async () => {
    const { pool, submit, end } = full('wait', { maxQueue: 0, concurrency: 2 });
    void submit('heavy', { weight: 2 });
    expect(pool.tryRun(() => 1)).toBeUndefined();
    void submit('light');
    expect([pool.active, pool.size]).toEqual([1, 2]);
    expect((await end()).ran).toBe('heavy light');
  });

  it("'wait': a larger pool starts as many as it can of those before the queue, too", async () => {
    const { pool, submit, end } = full('wait', { maxQueue: 1 });
    for (const name of ['a', 'b', 'c', 'd']) void submit(name);
    pool.resize(4);
    expect([pool.active, pool.size]).toEqual([4, 1]);
    expect((await end()).ran).toBe('a b c d');
  });

  it("'wait': nobody overtakes those before the queue in the moment in which a place is left", async () => {
    const { pool, submit, end } = full('wait', { maxQueue: 1 });
    const group = pool.group();
    const controller = new AbortController();
    group.go(() => 1, { signal: controller.signal });
    void submit('b');
    const onAbort = (): void => void submit('c');
    group.context.signal.addEventListener('abort', onAbort, { once: true });
    controller.abort('gone');
    expect(pool.size).toBe(2);
    expect((await end()).ran).toBe('b c');
    expect(await rejection(group.wait())).toBe('gone');
  });

  it("'wait': one that has moved up leaves the queue as any other", async () => {
    const { pool, submit, end, first } = full('wait', { maxQueue: 1 });
    const controller = new AbortController();
    const second = held();
    const running = pool.run(second.run);
    const leaving = submit('b', { signal: controller.signal });
    void submit('c');
    first.end('');
    await turns();
    expect(second.isStarted).toBe(true);
    controller.abort('gone');
    await expect(leaving).rejects.toBe('gone');
    expect(pool.size).toBe(1);
    void submit('d');
    second.end('');
    await running;
    expect((await end()).ran).toBe('c d');
  });

  it("leaves 'wait' in O(1), and whoever is behind moves up", async () => {
    const { pool, submit, end } = full('wait', { maxQueue: 1 });
    const controller = new AbortController();
    void submit('a');
    const leaving = submit('b', { signal: controller.signal });
    void submit('c');
    controller.abort('gone');
    await expect(leaving).rejects.toBe('gone');
    expect(pool.size).toBe(2);
    expect((await end()).ran).toBe('a c');
  });

  it("'wait': a place in the queue that somebody leaves is taken at once", async () => {
    const { submit, end, pool } = full('wait', { maxQueue: 1 });
    const controller = new AbortController();
    const leaving = submit('a', { signal: controller.signal });
    void submit('b');
    void submit('c', { priority: 1 });
    controller.abort('gone');
    await expect(leaving).rejects.toBe('gone');
    expect(pool.size).toBe(2);
    expect((await end()).ran).toBe('b c');
  });

  it.each([
    ['drop-oldest', 'b c', ['a: ERR_POOL_FULL', 'b', 'c']],
    ['drop-newest', 'a c', ['a', 'b: ERR_POOL_FULL', 'c']],
  ] as const)('%s refuses a waiting one', async (overflow, ran, outcomes) => {
    const { pool, submit, end } = full(overflow);
    for (const name of ['a', 'b', 'c']) submit(name).catch(() => undefined);
    expect(pool.size).toBe(2);
    expect(await end()).toEqual({ ran, outcomes });
    expect(pool.stats()).toMatchObject({ rejected: 1 });
  });

  it.each([
    ['drop-oldest', 'd c b'],
    ['drop-newest', 'd c a'],
  ] as const)('%s takes one of the lowest priority', async (overflow, ran) => {
    const { submit, end } = full(overflow, { maxQueue: 3 });
    for (const name of ['a', 'b']) submit(name, { priority: -1 }).catch(() => undefined);
    submit('c', { priority: 2 }).catch(() => undefined);
    submit('d', { priority: 3 }).catch(() => undefined);
    expect((await end()).ran).toBe(ran);
  });

  it.each([
    ['drop-oldest', 'd c e b'],
    ['drop-newest', 'd c e a'],
  ] as const)('%s finds the lowest priority in whatever order they came', async (overflow, ran) => {
    const { submit, end } = full(overflow, { maxQueue: 4 });
    const tasks = { c: 2, a: -1, d: 3, b: -1, e: 0 };
    for (const [name, priority] of Object.entries(tasks)) submit(name, { priority }).catch(() => undefined);
    expect((await end()).ran).toBe(ran);
  });

  it('drops the next lowest when the lowest have left', async () => {
    const { submit, end } = full('drop-oldest');
    const controller = new AbortController();
    const leaving = submit('low', { priority: -1, signal: controller.signal });
    submit('a').catch(() => undefined);
    controller.abort('gone');
    await expect(leaving).rejects.toBe('gone');
    for (const name of ['b', 'c']) submit(name).catch(() => undefined);
    expect((await end()).ran).toBe('b c');
  });

  it.each(['drop-oldest', 'drop-newest'] as const)('%s is refused itself where all are higher', async (overflow) => {
    const { submit, end } = full(overflow);
    for (const name of ['a', 'b']) void submit(name, { priority: 1 });
    const error = await rejection(submit('c'));
    expect(error).toMatchObject({ code: 'ERR_POOL_FULL', message: 'the queue of the pool is full' });
    expect((await end()).ran).toBe('a b');
  });

  it.each(['drop-oldest', 'drop-newest'] as const)('%s without a queue refuses', async (overflow) => {
    const { submit, end } = full(overflow, { maxQueue: 0 });
    expect(await rejection(submit('a'))).toBeInstanceOf(PoolFullError);
    await end();
  });

  it('dropping a heavy head lets a lighter one start', async () => {
    const pool = new TaskPool({ name: 'p', concurrency: 2, maxQueue: 1, overflow: 'drop-oldest' });
    const [first, light] = [held(), held()];
    const outcomes = [pool.run(first.run), pool.run(() => 1, { weight: 2 }), pool.run(light.run)];
    await expect(outcomes[1]).rejects.toMatchObject({
      message: 'dropped from the queue of the pool for another task',
      policy: 'p',
    });
    await turns();
    expect(light.isStarted).toBe(true);
    first.end('');
    light.end('');
    await pool.idle();
  });

  it("'caller-runs' starts at once, outside the limit", async () => {
    const { pool, submit, end } = full('caller-runs');
    const extra = [held(), held()];
    void submit('a');
    void submit('b');
    const outside = extra.map((task) => pool.run(task.run));
    await turns();
    expect(extra.map((task) => task.isStarted)).toEqual([true, true]);
    expect([pool.active, pool.size]).toEqual([3, 2]);
    for (const task of extra) task.end('');
    await Promise.all(outside);
    expect([pool.active, pool.size]).toEqual([1, 2]);
    expect((await end()).ran).toBe('a b');
  });

  it("'caller-runs' takes nobody's slot", async () => {
    const { pool, submit, end, first } = full('caller-runs', { maxQueue: 1 });
    const [second, outside] = [held(), held()];
    const outcomes = [pool.run(second.run), pool.run(outside.run)];
    first.end('');
    await turns();
    expect([second.isStarted, pool.active]).toEqual([true, 2]);
    void submit('a');
    second.end('');
    await turns();
    expect([pool.active, pool.size]).toEqual([1, 0]);
    outside.end('');
    await Promise.all(outcomes);
    expect((await end()).ran).toBe('a');
  });

  it("'caller-runs' keeps to serializeKeys", async () => {
    const { pool, submit, end, first } = full('caller-runs', { serializeKeys: true, maxQueue: 0 });
    const outside = held();
    const running = pool.run(outside.run, { key: 'k' });
    expect(await rejection(submit('a', { key: 'k' }))).toBeInstanceOf(PoolFullError);
    await expect(submit('b', { key: 'other' })).resolves.toBe('b');
    outside.end('');
    await running;
    await expect(submit('c', { key: 'k' })).resolves.toBe('c');
    expect(first.isStarted).toBe(true);
    await end();
  });

  it("'caller-runs' starts also what may not wait", async () => {
    const { submit, end } = full('caller-runs', { maxQueue: 1 });
    void submit('a');
    await expect(submit('b', { queueTimeoutMs: 0 })).resolves.toBe('b');
    expect((await end()).ran).toBe('b a');
  });
});

describe.each([{}, { serializeKeys: true }])('the items of a map, in a pool with %p', (options) => {
  it.each([
    ['reject', ['a: ERR_POOL_FULL', 'b: ERR_POOL_FULL']],
    ['wait', ['a', 'b']],
    ['drop-oldest', ['a: ERR_POOL_FULL', 'b: ERR_POOL_FULL']],
    ['drop-newest', ['a: ERR_POOL_FULL', 'b: ERR_POOL_FULL']],
    ['caller-runs', ['a', 'b']],
  ] as const)('all run, whoever submits meanwhile, with overflow: %s', async (overflow, expected) => {
    const { pool, submit, end } = full(overflow, { concurrency: 3, ...options });
    const busy = [held(), held()];
    const running = busy.map((task) => pool.run(task.run));
    // Two have places in the queue, and one stands before it.
    const mapped = pool.map([1, 2, 3, 4, 5], (n) => Promise.resolve(n)).toArray();
    submit('a').catch(() => undefined);
    submit('b', { priority: 1 }).catch(() => undefined);
    for (const task of busy) task.end('');
    const { outcomes } = await end();
    expect(outcomes).toEqual(expected);
    expect(await mapped).toEqual([1, 2, 3, 4, 5]);
    await Promise.all(running);
  });
});

it.each([
  ['drop-oldest', 'c d', ['b: ERR_POOL_FULL', 'c', 'd']],
  ['drop-newest', 'b d', ['b', 'c: ERR_POOL_FULL', 'd']],
] as const)(
  '%s takes the place of another task, and passes over the items of a map',
  async (overflow, ran, outcomes) => {
    const { pool, submit, end } = full(overflow, { maxQueue: 4 });
    // Before the others, and behind them.
    const [first, last] = [pool.map([1], (n) => n), pool.map([2], (n) => n)];
    const mapped = [first.toArray()];
    submit('b').catch(() => undefined);
    submit('c').catch(() => undefined);
    mapped.push(last.toArray());
    submit('d').catch(() => undefined);
    expect(pool.size).toBe(4);
    expect(await end()).toEqual({ ran, outcomes });
    expect(await Promise.all(mapped)).toEqual([[1], [2]]);
  },
);
