import { VirtualClock } from '@patterns/context/testing';
import { TaskPool, type TaskOptions, type TaskPoolOptions } from '@patterns/pool';
import { failOnLeaks } from '@patterns-tools/test-kit';
import { held, swallow, turns } from './held-task.ts';

failOnLeaks();

/** A pool of one that is busy until told, and the order in which what waits then runs, or is refused: `-name`. */
function busy(options?: Partial<TaskPoolOptions>) {
  const pool = new TaskPool({ concurrency: 1, ...options });
  const first = held();
  const order: string[] = [];
  swallow(pool.run(first.run));
  const submit = (name: string, task?: TaskOptions): void => {
    const outcome = pool.run(() => {
      order.push(name);
    }, task);
    outcome.catch(() => order.push(`-${name}`));
  };
  const finish = async (): Promise<string> => {
    first.end('');
    await pool.idle();
    return order.join(' ');
  };
  return { pool, submit, finish };
}

describe('priorities', () => {
  it('come before age, and the same ones as they came', async () => {
    const { submit, finish } = busy();
    submit('a');
    submit('b', { priority: 1 });
    submit('c', { priority: -1 });
    submit('d', { priority: 1 });
    submit('e');
    submit('f', { priority: -0 });
    submit('g', { priority: 0.5 });
    submit('h', { priority: Infinity });
    submit('i', { priority: -Infinity });
    submit('j', { priority: Infinity });
    expect(await finish()).toBe('h j b d g a e f c i');
  });

  it('without ageing, a low one waits for ever', async () => {
    const clock = new VirtualClock();
    const { submit, finish } = busy({ clock });
    submit('low');
    await clock.advance(1e9);
    submit('high', { priority: 1 });
    expect(await finish()).toBe('high low');
  });
});

describe('ageing', () => {
  it('counts a task as one priority higher for each ageingMs in the queue', async () => {
    const clock = new VirtualClock();
    const { submit, finish } = busy({ clock, ageingMs: 1_000 });
    submit('low');
    await clock.advance(3_000);
    submit('two', { priority: 2 });
    submit('three', { priority: 3 });
    submit('four', { priority: 4 });
    // As much as `three`, and older.
    expect(await finish()).toBe('four low three two');
  });

  it('counts whole times only', async () => {
    const clock = new VirtualClock();
    const { submit, finish } = busy({ clock, ageingMs: 1_000 });
    submit('low');
    await clock.advance(999);
    submit('high', { priority: 1 });
    expect(await finish()).toBe('high low');
  });

  it('counts the whole times of each, from its own submission', async () => {
    const clock = new VirtualClock();
    const { submit, finish } = busy({ clock, ageingMs: 1_000 });
    submit('low');
    await clock.advance(500);
    submit('high', { priority: 1 });
    await clock.advance(500);
    // Both count as 1, though `high` has half a time to its credit.
    expect(await finish()).toBe('low high');
  });

  it('lets the older of two that count the same go first, wherever they started', async () => {
    const clock = new VirtualClock();
    const { submit, finish } = busy({ clock, ageingMs: 1_000 });
    submit('lower', { priority: -2 });
    submit('older', { priority: -1 });
    await clock.advance(1_000);
    submit('newer');
    expect(await finish()).toBe('older newer lower');
  });

  it('leaves infinite priorities as they are', async () => {
    const { submit, finish } = busy({ clock: new VirtualClock(), ageingMs: 1_000 });
    submit('a', { priority: -Infinity });
    submit('b', { priority: -Infinity });
    expect(await finish()).toBe('a b');
  });

  it('starves nobody, whatever keeps coming', async () => {
    const clock = new VirtualClock();
    const pool = new TaskPool({ concurrency: 1, clock, ageingMs: 100 });
    let isDone = false;
    // Those that came within 500 ms go first, 2 in each 10 ms; later ones are never as much higher again.
    let high = 0;
    const next = (): void => {
      if (isDone) return;
      swallow(
        pool.run(
          async () => {
            high++;
            await clock.advance(10);
            next();
            next();
          },
          { priority: 5 },
        ),
      );
    };
    next();
    await turns();
    await pool.run(() => {
      isDone = true;
    });
    expect(high).toBeLessThan(110);
    pool.clear();
    await pool.idle();
  });
});

describe('fairness: round-robin', () => {
  it('takes turns over keys, each key in order, those without one sharing a turn', async () => {
    const { submit, finish } = busy({ fairness: 'round-robin' });
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1', '-1', '-2']) {
      submit(name, name[0] === '-' ? undefined : { key: name[0] });
    }
    expect(await finish()).toBe('a1 b1 c1 -1 a2 b2 -2 a3');
  });

  it('does so within each priority', async () => {
    const { submit, finish } = busy({ fairness: 'round-robin' });
    submit('a1', { key: 'a' });
    submit('a2', { key: 'a' });
    submit('b1', { key: 'b' });
    submit('a3', { key: 'a', priority: 1 });
    submit('a4', { key: 'a', priority: 1 });
    submit('b2', { key: 'b', priority: 1 });
    expect(await finish()).toBe('a3 b2 a4 a1 b1 a2');
  });

  it('gives a key that comes back a place at the end', async () => {
    const { pool, submit, finish } = busy({ fairness: 'round-robin' });
    submit('a1', { key: 'a' });
    submit('b1', { key: 'b' });
    submit('b2', { key: 'b' });
    swallow(
      pool.run(
        () => {
          submit('a2', { key: 'a' });
        },
        { key: 'a', priority: 1 },
      ),
    );
    expect(await finish()).toBe('a1 b1 a2 b2');
  });

  it('keeps the turn of a key whose first task leaves', async () => {
    const { submit, finish } = busy({ fairness: 'round-robin' });
    const controller = new AbortController();
    submit('a1', { key: 'a', signal: controller.signal });
    submit('b1', { key: 'b' });
    submit('a2', { key: 'a' });
    submit('b2', { key: 'b' });
    controller.abort();
    expect(await finish()).toBe('-a1 a2 b1 b2');
  });

  it('forgets a key whose last task leaves', async () => {
    const { submit, finish } = busy({ fairness: 'round-robin' });
    const controller = new AbortController();
    submit('a1', { key: 'a', signal: controller.signal });
    submit('b1', { key: 'b' });
    submit('b2', { key: 'b' });
    controller.abort();
    submit('a2', { key: 'a' });
    expect(await finish()).toBe('-a1 b1 a2 b2');
  });
});

describe('serializeKeys', () => {
  it('runs tasks with the same key one at a time and in order, while those of other keys overtake', async () => {
    const pool = new TaskPool({ concurrency: 3, serializeKeys: true });
    const tasks = new Map(['a1', 'a2', 'a3', 'b1', 'b2'].map((name) => [name, held()]));
    const outcomes = [...tasks].map(([name, task]) => pool.run(task.run, { key: name[0] }));
    const plain = [held(), held()];
    const others = plain.map((task) => pool.run(task.run));
    const started = (): string =>
      [...tasks].flatMap(([name, task]) => (task.isStarted ? [name] : [])).join(' ') +
      ` ${plain.filter((task) => task.isStarted).length}`;
    await turns();
    expect(started()).toBe('a1 b1 1');
    plain[0]?.end('');
    await turns();
    expect(started()).toBe('a1 b1 2');
    tasks.get('a1')?.end('');
    await turns();
    expect(started()).toBe('a1 a2 b1 2');
    for (const task of [...tasks.values(), ...plain]) task.end('');
    await Promise.all([...outcomes, ...others]);
    expect(pool.active).toBe(0);
  });

  it('keeps the order of a key whatever the priorities, and puts a key that is free again where its first task came', async () => {
    const { submit, finish } = busy({ serializeKeys: true });
    submit('a1', { key: 'a' });
    submit('a2', { key: 'a', priority: 5 });
    submit('b1', { key: 'b' });
    submit('a3', { key: 'a' });
    submit('c1', { key: 'c' });
    // a2 has the highest priority, once it is the first of its key.
    expect(await finish()).toBe('a1 a2 b1 a3 c1');
  });

  it('lets a key go on when its first task leaves the queue', async () => {
    const { submit, finish } = busy({ serializeKeys: true });
    const controller = new AbortController();
    submit('a1', { key: 'a', signal: controller.signal });
    submit('b1', { key: 'b' });
    submit('a2', { key: 'a' });
    controller.abort();
    expect(await finish()).toBe('-a1 b1 a2');
  });

  it('holds back what comes, or moves up, while a task with the key runs that had to wait itself', async () => {
    const pool = new TaskPool({ concurrency: 2, serializeKeys: true });
    const [first, plain, second, fourth] = [held(), held(), held(), held()];
    const outcomes = [first.run, plain.run].map((run) => pool.run(run));
    const running = pool.run(second.run, { key: 'a' });
    first.end('');
    await turns();
    expect(second.isStarted).toBe(true);
    plain.end('');
    const controller = new AbortController();
    const leaving = pool.run(() => 1, { key: 'a', signal: controller.signal });
    const last = pool.run(fourth.run, { key: 'a' });
    await turns();
    controller.abort('gone');
    await expect(leaving).rejects.toBe('gone');
    expect([fourth.isStarted, pool.active, pool.size]).toEqual([false, 1, 1]);
    second.end('');
    await turns();
    expect(fourth.isStarted).toBe(true);
    fourth.end('');
    await Promise.all([...outcomes, running, last]);
  });

  it('frees a key whose only task leaves the queue', async () => {
    const pool = new TaskPool({ concurrency: 1, serializeKeys: true });
    const first = held();
    const running = pool.run(first.run);
    const controller = new AbortController();
    const leaving = pool.run(() => 1, { key: 'a', signal: controller.signal });
    controller.abort('gone');
    await expect(leaving).rejects.toBe('gone');
    first.end('');
    await running;
    await expect(pool.tryRun(() => 1, { key: 'a' })).resolves.toBe(1);
  });

  it('goes on with those that are left when others leave from the middle', async () => {
    const { submit, finish } = busy({ serializeKeys: true });
    const controllers = [new AbortController(), new AbortController()];
    submit('a1', { key: 'a' });
    for (const { signal } of controllers) submit('left', { key: 'a', signal });
    for (const controller of controllers) controller.abort();
    submit('a2', { key: 'a' });
    expect(await finish()).toBe('-left -left a1 a2');
  });

  it('in turns, puts a key whose next task has another priority at the end of those', async () => {
    const { submit, finish } = busy({ serializeKeys: true, fairness: 'round-robin' });
    const controller = new AbortController();
    submit('a1', { key: 'a', signal: controller.signal });
    submit('a2', { key: 'a', priority: 1 });
    submit('b1', { key: 'b', priority: 1 });
    controller.abort();
    expect(await finish()).toBe('-a1 b1 a2');
  });

  it('holds back a task whose key is busy though a slot is free', async () => {
    const pool = new TaskPool({ concurrency: 2, serializeKeys: true });
    const [first, second] = [held(), held()];
    swallow(pool.run(first.run, { key: 'a' }));
    swallow(pool.run(second.run, { key: 'a' }));
    expect(pool.tryRun(() => 1, { key: 'a' })).toBeUndefined();
    await expect(pool.tryRun(() => 1, { key: 'b' })).resolves.toBe(1);
    expect([pool.active, pool.size]).toEqual([1, 1]);
    first.end('');
    second.end('');
    await pool.idle();
    await expect(pool.tryRun(() => 1, { key: 'a' })).resolves.toBe(1);
  });

  it('frees the key of a task that never starts, and of one that fails', async () => {
    const pool = new TaskPool({ concurrency: 1, serializeKeys: true });
    const controller = new AbortController();
    const missed = pool.run(() => 1, { key: 'a', signal: controller.signal });
    controller.abort('gone');
    await expect(missed).rejects.toBe('gone');
    await expect(pool.run(() => Promise.reject(new Error('no')), { key: 'a' })).rejects.toThrow('no');
    await expect(pool.run(() => 1, { key: 'a' })).resolves.toBe(1);
  });

  it('goes with round-robin: keys take turns, and wait for their own', async () => {
    const { submit, finish } = busy({ serializeKeys: true, fairness: 'round-robin' });
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2', '-1', '-2']) {
      submit(name, name[0] === '-' ? undefined : { key: name[0] });
    }
    expect(await finish()).toBe('a1 b1 -1 a2 b2 -2 a3');
  });

  it('goes with round-robin: a key whose first task leaves it for another priority goes to the end there', async () => {
    const { submit, finish } = busy({ serializeKeys: true, fairness: 'round-robin' });
    const controller = new AbortController();
    submit('a1', { key: 'a', priority: 1, signal: controller.signal });
    submit('b1', { key: 'b' });
    submit('c1', { key: 'c' });
    submit('a2', { key: 'a' });
    submit('b2', { key: 'b' });
    controller.abort();
    expect(await finish()).toBe('-a1 b1 c1 a2 b2');
  });

  it('lets in who stands before a full queue in which all wait for their key', async () => {
    const pool = new TaskPool({ concurrency: 2, maxQueue: 1, overflow: 'wait', serializeKeys: true });
    const [a, other] = [held(), held()];
    const order: string[] = [];
    const submit = (name: string, key: string): void => {
      swallow(pool.run(() => order.push(name), { key }));
    };
    swallow(pool.run(a.run, { key: 'a' }));
    swallow(pool.run(other.run));
    submit('a2', 'a');
    submit('b', 'b');
    submit('a3', 'a');
    submit('c', 'c');
    await turns();
    expect(order).toEqual([]);
    other.end('');
    await turns();
    // Who stands before the queue comes first, first served.
    expect([order, pool.size]).toEqual([['b'], 3]);
    a.end('');
    await pool.idle();
    expect(order).toEqual(['b', 'a2', 'c', 'a3']);
  });

  it('is off by default: a key is a name', async () => {
    const pool = new TaskPool({ concurrency: 2 });
    const [first, second] = [held(), held()];
    swallow(pool.run(first.run, { key: 'a' }));
    swallow(pool.run(second.run, { key: 'a' }));
    await turns();
    expect(second.isStarted).toBe(true);
    first.end('');
    second.end('');
    await pool.idle();
  });
});
