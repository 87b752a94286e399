import {
  BreakerOpenError,
  CircuitBreaker,
  consecutiveFailures,
  KeyedBreakers,
  type BreakerStateChange,
} from '@patterns/breaker';
import { fail } from './calls.ts';
import { ManualClock } from './manual-clock.ts';

const clock = new ManualClock();
const options = { clock, trip: consecutiveFailures(1), openMs: 1_000 };
beforeEach(() => {
  clock.ms = 0;
});

describe('KeyedBreakers', () => {
  it('gives the same breaker for the same key, named after it', () => {
    const hosts = new KeyedBreakers({ options });
    expect(hosts.for('a')).toBe(hosts.for('a'));
    expect(hosts.for('a')).not.toBe(hosts.for('b'));
    expect(hosts.for('a').name).toBe('a');
    expect(new KeyedBreakers<number>({ options: { name: 'all' } }).for(7).name).toBe('all');
    expect(new KeyedBreakers<number>().for(7).name).toBe('7');
  });

  it('opens one key and no other', async () => {
    const hosts = new KeyedBreakers({ options });
    const down = (): never => {
      throw new Error('down');
    };
    await expect(hosts.execute('a', down)).rejects.toThrow('down');
    await expect(hosts.execute('a', down)).rejects.toThrow(BreakerOpenError);
    await expect(hosts.execute('b', (ctx) => ctx.done)).resolves.toBe(false);
    await expect(hosts.execute('b', () => 1, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone');
  });

  it('asks for options key by key', async () => {
    const hosts = new KeyedBreakers({
      options: (host) => {
        if (host === 'bad') throw new Error('no such host');
        return { ...options, name: `host ${host}`, openMs: host.length };
      },
    });
    await fail(hosts.for('abc'));
    expect(hosts.for('abc')).toMatchObject({ name: 'host abc', retryAfterMs: 3 });
    expect(() => hosts.for('bad')).toThrow('no such host');
    await expect(hosts.execute('bad', () => 1)).rejects.toThrow('no such host');
    expect(hosts.has('bad')).toBe(false);
  });

  it('keeps its options whatever becomes of the object they came in', async () => {
    const halfOpen = { maxCalls: 1 };
    const given = { ...options, halfOpen };
    const hosts = new KeyedBreakers({ options: given });
    Object.assign(given, { trip: consecutiveFailures(9), openMs: -1 });
    halfOpen.maxCalls = 0;
    await fail(hosts.for('a'));
    expect(hosts.for('a')).toMatchObject({ state: 'open', retryAfterMs: 1_000 });
  });

  it('gives one breaker to a function for options that asks for its own key', () => {
    const hosts: KeyedBreakers = new KeyedBreakers({
      options: (host) => {
        if (!hosts.has(host)) hosts.delete(host);
        if (hosts.size === 0) made.push(inner(host));
        return {};
      },
    });
    const made: CircuitBreaker[] = [];
    let isInner = false;
    const inner = (host: string): CircuitBreaker => {
      if (isInner) return new CircuitBreaker();
      isInner = true;
      return hosts.for(host);
    };
    const breaker = hosts.for('a');
    expect(made).toContain(breaker);
    expect(hosts.for('a')).toBe(breaker);
  });

  it('never holds more than maxKeys, and lets a closed one go before an open one', async () => {
    const hosts = new KeyedBreakers({ maxKeys: 3, options });
    await fail(hosts.for('open'));
    hosts.for('b');
    hosts.for('c');
    hosts.for('d');
    expect([...hosts].map(([key, { state }]) => [key, state])).toEqual([
      ['open', 'open'],
      ['c', 'closed'],
      ['d', 'closed'],
    ]);
    await fail(hosts.for('c'));
    await fail(hosts.for('d'));
    hosts.for('e');
    expect([...hosts].map(([key]) => key)).toEqual(['c', 'd', 'e']);
    expect(hosts.size).toBe(3);
  });

  it.each([
    [7, 'closed'],
    [8, '0'],
  ])('where the %d least recently used are open, lets %s go', async (open, gone) => {
    const hosts = new KeyedBreakers({ maxKeys: 10, options });
    for (let n = 0; n < open; n++) await fail(hosts.for(String(n)));
    const keys = ['closed', 'closed, too', 'and so on'].slice(0, 10 - open);
    for (const key of keys) hosts.for(key);
    const before = [...hosts].map(([key]) => key);
    expect(before).toHaveLength(10);
    hosts.for('new');
    expect([...hosts].map(([key]) => key)).toEqual([...before.filter((key) => key !== gone), 'new']);
  });

  it('forgets a closed one that was not used for idleMs, and keeps an open one', async () => {
    const hosts = new KeyedBreakers({ idleMs: 1_000, options: { ...options, openMs: 1e6 } });
    const [a, b] = [hosts.for('a'), hosts.for('b')];
    await fail(b);
    clock.ms += 999;
    expect(hosts.for('a')).toBe(a);
    clock.ms += 1_000;
    expect(hosts.for('a')).not.toBe(a);
    expect(hosts.for('b')).toBe(b);
    expect(hosts.has('b')).toBe(true);
  });

  it('by default holds 10 000, each for ten minutes after its last use', () => {
    const hosts = new KeyedBreakers<number>({ options });
    const first = hosts.for(0);
    clock.ms += 599_999;
    expect(hosts.for(0)).toBe(first);
    clock.ms += 600_000;
    expect(hosts.has(0)).toBe(false);
    for (let n = 0; n < 10_001; n++) hosts.for(n);
    expect([hosts.size, hosts.has(0), hosts.has(1)]).toEqual([10_000, false, true]);
  });

  it('looks for those that may go without a word to their listeners', async () => {
    const changes: BreakerStateChange[] = [];
    const hosts = new KeyedBreakers({
      maxKeys: 1,
      options: { ...options, onStateChange: (event) => changes.push(event) },
    });
    await fail(hosts.for('a'));
    clock.ms += 5_000;
    hosts.for('b');
    expect(changes.map(({ to }) => to)).toEqual(['open']);
  });

  it('takes its clock from an option, from that of all breakers, and gives it to them', async () => {
    const hosts = new KeyedBreakers({
      clock,
      idleMs: 1_000,
      options: () => ({ trip: consecutiveFailures(1), openMs: 500 }),
    });
    await fail(hosts.for('a'));
    clock.ms += 100;
    expect(hosts.for('a').retryAfterMs).toBe(400);
  });

  it('takes its clock from the first breaker where a function gives the options', () => {
    const hosts = new KeyedBreakers({ idleMs: 1_000, options: () => options });
    expect(hosts.has('a')).toBe(false);
    clock.ms = 5;
    const a = hosts.for('a');
    clock.ms += 999;
    expect(hosts.for('a')).toBe(a);
    clock.ms += 1_000;
    expect(hosts.for('a')).not.toBe(a);
  });

  it('takes no clock from options that were refused', async () => {
    const later = new ManualClock();
    const wrong = [{ clock: {} as never }, { clock, openMs: -1 }];
    const hosts = new KeyedBreakers({ idleMs: 1_000, options: () => wrong.shift() ?? { ...options, clock: later } });
    expect(() => hosts.for('a')).toThrow('clock');
    await expect(hosts.execute('a', () => 1)).rejects.toThrow('openMs');
    const a = hosts.for('a');
    clock.ms += 5_000;
    expect(hosts.for('a')).toBe(a);
    later.ms += 1_000;
    expect(hosts.for('a')).not.toBe(a);
  });

  it('takes options from wherever they come: inherited ones, and those of a class', async () => {
    class Config {
      get openMs(): number {
        return 7;
      }
      get trip(): typeof options.trip {
        return options.trip;
      }
      get clock(): ManualClock {
        return clock;
      }
    }
    for (const given of [new Config(), Object.create(new Config()) as Config, (): Config => new Config()]) {
      const hosts = new KeyedBreakers({ options: given });
      await fail(hosts.for('a'));
      expect(hosts.for('a')).toMatchObject({ name: 'a', state: 'open', retryAfterMs: 7 });
    }
  });

  it('forgets at once with an idleMs of 0', () => {
    const hosts = new KeyedBreakers({ idleMs: 0 });
    expect(hosts.for('a')).not.toBe(hosts.for('a'));
  });

  it('deletes and clears', () => {
    const hosts = new KeyedBreakers();
    const a = hosts.for('a');
    hosts.for('b');
    expect([hosts.delete('a'), hosts.delete('a'), hosts.has('a'), hosts.size]).toEqual([true, false, false, 1]);
    expect(hosts.for('a')).not.toBe(a);
    hosts.clear();
    expect([hosts.size, ...hosts]).toEqual([0]);
  });

  it.each<[object, string]>([
    [{ maxKeys: 0 }, 'maxKeys must be an integer of at least 1, got 0'],
    [{ idleMs: -1 }, 'idleMs must be at least 0, got -1'],
    [{ options: { openMs: -1 } }, 'openMs'],
    [{ options: 5 }, 'options must be an object or a function, got 5'],
    [{ options: null }, 'options must be an object or a function, got null'],
    [{ clock: 5 }, 'clock must be a clock, got 5'],
  ])('refuses %j when it is made, not with the first key', (wrong, name) => {
    expect(() => new KeyedBreakers(wrong)).toThrow(name);
  });
});
