import { TaskPool, type TaskPoolOptions } from '@patterns/pool';
import { mapLimit, queue as asyncQueue } from 'async';
import { Semaphore } from 'async-mutex';
import { Sema } from 'async-sema';
import * as cockatiel from 'cockatiel';
import * as fastq from 'fastq';
import pLimit from 'p-limit';
import pMap from 'p-map';
import PQueue from 'p-queue';

import { allocates, area, retains, row } from '../area.ts';
import { staged, type Staged } from '../contender.ts';
import { adds, atMost, ratio } from '../target.ts';

type Operation = () => Promise<number>;
type Submit = (operation: Operation, index: number) => unknown;

const succeed: Operation = () => Promise.resolve(1);

/** What all of the limits wait in: as little as a queue can be. */
class Ring<T> {
  #slots: (T | undefined)[] = Array<undefined>(16).fill(undefined);
  #head = 0;
  length = 0;

  push(value: T): void {
    const size = this.#slots.length;
    if (this.length === size) {
      const slots = Array<T | undefined>(size * 2).fill(undefined);
      for (let index = 0; index < size; index++) slots[index] = this.#slots[(this.#head + index) & (size - 1)];
      this.#slots = slots;
      this.#head = 0;
    }
    this.#slots[(this.#head + this.length++) & (this.#slots.length - 1)] = value;
  }

  shift(): T | undefined {
    const value = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.length--;
    return value;
  }
}

/** A count, and a ring of those that wait for it: keeps the AsyncLocalStorage of its callers, as a pool has to. */
function limitOf(concurrency: number): Submit {
  const waiting = new Ring<() => void>();
  let running = 0;
  return async (operation) => {
    if (running < concurrency) running++;
    else {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    }
    try {
      return await operation();
    } finally {
      if (waiting.length > 0) waiting.shift()?.();
      else running--;
    }
  };
}

/** The same without: what waits starts in the context of whoever ended before it. */
function closuresOf(concurrency: number): Submit {
  const waiting = new Ring<() => void>();
  let running = 0;
  const next = (): void => {
    if (waiting.length > 0) waiting.shift()?.();
    else running--;
  };
  return (operation) =>
    new Promise((resolve, reject) => {
      const start = (): void => {
        operation().then(
          (value) => {
            resolve(value);
            next();
          },
          (error: unknown) => {
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever that is
            reject(error);
            next();
          },
        );
      };
      if (running < concurrency) {
        running++;
        start();
      } else waiting.push(start);
    });
}

const ready = Promise.resolve();
const spent = { ms: 0 };

/** The least that a pool promises a task beyond its place, where there always is one: it starts in a microtask, and how long it runs is known. */
const lateAndTimed: Submit = async (operation) => {
  await ready;
  const startMs = performance.now();
  try {
    return await operation();
  } finally {
    spent.ms += performance.now() - startMs;
  }
};

const poolOf = (concurrency: number, options?: Partial<TaskPoolOptions>): Submit => {
  const pool = new TaskPool({ concurrency, maxQueue: Infinity, ...options });
  return (operation) => pool.run(operation);
};
const prioritized = (concurrency: number): Submit => {
  const pool = new TaskPool({ concurrency, maxQueue: Infinity });
  // As random as need be, and the same for all.
  return (operation, index) => pool.run(operation, { priority: (index * 7_919) % 10 });
};

const peersOf = {
  async: (concurrency: number): Submit => {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-arguments -- with two of them it is another overload
    const queue = asyncQueue<Operation, number, Error>((operation, done) => {
      operation().then((value) => {
        done(null, value);
      }, done);
    }, concurrency);
    return (operation) => queue.pushAsync(operation);
  },
  fastq: (concurrency: number): Submit => {
    const queue = fastq.promise<unknown, Operation, number>((operation) => operation(), concurrency);
    return (operation) => queue.push(operation);
  },
  'p-limit': (concurrency: number): Submit => pLimit(concurrency),
  'async-sema': (concurrency: number): Submit => {
    const semaphore = new Sema(concurrency);
    return async (operation) => {
      await semaphore.acquire();
      try {
        return await operation();
      } finally {
        semaphore.release();
      }
    };
  },
  'p-queue': (concurrency: number): Submit => {
    const queue = new PQueue({ concurrency });
    return (operation) => queue.add(operation);
  },
  cockatiel: (concurrency: number): Submit => {
    const bulkhead = cockatiel.bulkhead(concurrency, Infinity);
    return (operation) => bulkhead.execute(operation);
  },
  'async-mutex': (concurrency: number): Submit => {
    const semaphore = new Semaphore(concurrency);
    return (operation) => semaphore.runExclusive(operation);
  },
} satisfies Record<string, (concurrency: number) => Submit>;

/** `length` tasks submitted in one go. */
const atOnce = (submit: Submit, length = 100_000): Staged =>
  staged({
    per: length,
    run: () => Promise.all(Array.from({ length }, (_, index) => submit(succeed, index))),
  });

/** Callers that each wait for their task before they submit the next. */
const inLoops = (submit: Submit, callers = 10, each = 1_000): Staged =>
  staged({
    per: callers * each,
    run: () =>
      Promise.all(
        Array.from({ length: callers }, async () => {
          for (let n = 0; n < each; n++) await submit(succeed, n);
        }),
      ),
  });

interface Blocked {
  readonly submit: Submit;
  /** Of the task that all the others wait for. */
  readonly gate: Promise<number>;
  readonly end: () => void;
}

/** Tasks that wait behind one that does not end before they are looked at. Nobody holds their promises: what is measured is what the queue does. */
function waiting(make: (concurrency: number) => Submit, length = 1_000_000): Staged {
  return staged({
    per: length,
    prepare: (): Blocked => {
      let end = (): void => undefined;
      const gate = new Promise<number>((resolve) => {
        end = () => {
          resolve(1);
        };
      });
      return { submit: make(1), gate, end };
    },
    run: ({ submit, gate }) => {
      void submit(() => gate, 0);
      for (let n = 1; n <= length; n++) void submit(succeed, n);
      return Promise.resolve();
    },
    cleanUp: async ({ submit, end }) => {
      end();
      // The one that came last ends last.
      await submit(succeed, 0);
    },
  });
}

const per = <Made>(make: (concurrency: number) => Made): readonly [Made, Made] => [make(10), make(100)];
const bulk = (make: (concurrency: number) => Submit): readonly [Staged, Staged] => {
  const [ten, hundred] = per(make);
  return [atOnce(ten), atOnce(hundred)];
};

const items = Array.from({ length: 100_000 }, (_, n) => n);
const double = (n: number): Promise<number> => Promise.resolve(n * 2);
const mapping = (run: () => unknown): Staged => staged({ per: items.length, run });
const mapPool = new TaskPool({ concurrency: 10 });

async function limitOfMapping(): Promise<number[]> {
  const results = Array<number>(items.length).fill(0);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await double(items[index] ?? 0);
  };
  await Promise.all(Array.from({ length: 10 }, work));
  return results;
}

/** {@link limitOfMapping} with what a pool promises each item besides: a microtask of its own, and the time that it took, from the end of the one before. */
async function mapLateAndTimed(): Promise<number[]> {
  const results = Array<number>(items.length).fill(0);
  let next = 0;
  const work = async (): Promise<void> => {
    let startMs = performance.now();
    for (let index = next++; index < items.length; index = next++) {
      await ready;
      results[index] = await double(items[index] ?? 0);
      const endMs = performance.now();
      spent.ms += endMs - startMs;
      startMs = endMs;
    }
  };
  await Promise.all(Array.from({ length: 10 }, work));
  return results;
}

/** What {@link limitOfMapping} is for an iterator: it takes in no more than ten items ahead of the consumer. */
async function* limitOfIterating(): AsyncGenerator<number> {
  const ahead = new Ring<Promise<number>>();
  for (const item of items) {
    if (ahead.length === 10) yield (await ahead.shift()) ?? 0;
    ahead.push(double(item));
  }
  while (ahead.length > 0) yield (await ahead.shift()) ?? 0;
}

/** What the language takes for handing them out. */
// eslint-disable-next-line @typescript-eslint/require-await -- that is the point
async function* each(): AsyncGenerator<number> {
  for (const item of items) yield item;
}

async function collect(results: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const result of results) all.push(result);
  return all;
}

const limits = bulk(limitOf);
const closures = bulk(closuresOf);
const ours = bulk((concurrency) => poolOf(concurrency));
const fast = bulk(peersOf.fastq);
const limiting = bulk(peersOf['p-limit']);
const asynchronous = bulk(peersOf.async);
const semaphores = bulk(peersOf['async-sema']);
const queues = bulk(peersOf['p-queue']);
// Quadratic in what waits: enough of them to see it, and not to wait for it.
const slow = (make: (concurrency: number) => Submit, concurrency: number): Staged => atOnce(make(concurrency), 20_000);

const bulkRow = (concurrency: 10 | 100, index: 0 | 1) =>
  row({
    work: `100 000 at once, concurrency ${concurrency}`,
    limit: limits[index],
    ours: ours[index],
    peers: {
      'limit without AsyncLocalStorage': closures[index],
      async: asynchronous[index],
      fastq: fast[index],
      'p-limit': limiting[index],
      'async-sema': semaphores[index],
      'p-queue': queues[index],
      'cockatiel (20 000)': slow(peersOf.cockatiel, concurrency),
      'async-mutex (20 000)': slow(peersOf['async-mutex'], concurrency),
    },
    target: ratio(1.5).andFasterThan('fastq').andFasterThan('p-limit'),
    maxRounds: 11,
  });

const [free, freeLimit, fastqFree, limitFree] = [poolOf(10), limitOf(10), peersOf.fastq(10), peersOf['p-limit'](10)];

export default area('pool', [
  bulkRow(10, 0),
  bulkRow(100, 1),
  row({
    work: '100 000 at once, random priorities 0-9, against ours without',
    limit: ours[0],
    ours: atOnce(prioritized(10)),
    peers: {
      'p-queue (20 000)': atOnce(
        (() => {
          const queue = new PQueue({ concurrency: 10 });
          return (operation, index) => queue.add(operation, { priority: (index * 7_919) % 10 });
        })(),
        20_000,
      ),
    },
    target: ratio(2.5).andFasterThan('p-queue (20 000)'),
    maxRounds: 11,
  }),
  row({
    work: '10 callers in loops, queue empty',
    limit: inLoops(limitOf(10)),
    ours: inLoops(poolOf(10)),
    peers: {
      'limit, late and timed': inLoops(lateAndTimed),
      'limit without AsyncLocalStorage': inLoops(closuresOf(10)),
      cockatiel: inLoops(peersOf.cockatiel(10)),
      'async-sema': inLoops(peersOf['async-sema'](10)),
      fastq: inLoops(peersOf.fastq(10)),
      'p-limit': inLoops(peersOf['p-limit'](10)),
      'p-queue': inLoops(peersOf['p-queue'](10)),
    },
    target: ratio(1.5),
  }),
  row({
    work: 'map 100 000 items, concurrency 10',
    limit: mapping(limitOfMapping),
    ours: mapping(() => mapPool.map(items, double).toArray()),
    peers: {
      'limit, late and timed': mapping(mapLateAndTimed),
      'async.mapLimit': mapping(() => mapLimit(items, 10, async (n: number) => double(n))),
      'p-map': mapping(() => pMap(items, double, { concurrency: 10 })),
      'p-limit.map': mapping(() => pLimit(10).map(items, double)),
    },
    target: ratio(2).andFasterThan('p-map'),
    maxRounds: 11,
  }),
  row({
    work: 'map 100 000 items in a loop, concurrency 10',
    limit: mapping(() => collect(limitOfIterating())),
    ours: mapping(() => collect(mapPool.map(items, double))),
    peers: {
      unordered: mapping(() => collect(mapPool.map(items, double, { ordered: false }))),
      'a loop over nothing': mapping(() => collect(each())),
    },
    maxRounds: 11,
  }),
  allocates({
    work: 'a task submitted to a free pool',
    limit: () => freeLimit(succeed, 0),
    ours: () => free(succeed, 0),
    peers: {
      'the operation alone': succeed,
      fastq: () => fastqFree(succeed, 0),
      'p-limit': () => limitFree(succeed, 0),
    },
    target: adds(400, 'the operation alone'),
  }),
  retains({
    work: 'a waiting task, of 1 000 000',
    limit: waiting(limitOf),
    ours: waiting((concurrency) => poolOf(concurrency)),
    peers: {
      'limit without AsyncLocalStorage': waiting(closuresOf),
      async: waiting(peersOf.async),
      fastq: waiting(peersOf.fastq),
      'p-limit': waiting(peersOf['p-limit']),
      'async-sema': waiting(peersOf['async-sema']),
      'p-queue': waiting(peersOf['p-queue']),
    },
    target: atMost(350).andFasterThan('fastq'),
    maxRounds: 3,
  }),
]);
