import { OutgoingMessage } from 'node:http';
import {
  createKey,
  DeadlineExceededError,
  withCancel,
  withTimeout,
  withValue,
  type Context,
  type ContextKey,
} from '@patterns/context';
import { extract, inject, type TimeoutHeader } from '@patterns/context/http';
import { VirtualClock } from '@patterns/context/testing';

const tenant = createKey<string>('tenant');
const region = createKey('region', 'eu-west-1');
const clock = new VirtualClock();
const within = (ms: number): Context => withTimeout(undefined, ms, { clock });
const plain = (): Record<string, string> => ({});

describe('the time left', () => {
  it.each<[TimeoutHeader, number, string]>([
    ['x-request-timeout-ms', 250, '250'],
    ['x-request-timeout-ms', 249.99, '249'],
    ['x-request-timeout-ms', 0.2, '1'],
    ['x-request-timeout-ms', 1e300, '9007199254740991'],
    ['x-envoy-expected-rq-timeout-ms', 1_500.5, '1500'],
    ['x-mine', 7, '7'],
    ['grpc-timeout', 250.9, '250m'],
    ['grpc-timeout', 0.2, '1m'],
    ['grpc-timeout', 99_999_999.9, '99999999m'],
    ['grpc-timeout', 100_000_000, '100000S'],
    ['grpc-timeout', 100_000_999, '100000S'],
    ['grpc-timeout', 99_999_999_999, '99999999S'],
    ['grpc-timeout', 100_000_000_000, '1666666M'],
    ['grpc-timeout', 6_000_000_000_000, '1666666H'],
    ['grpc-timeout', 1e300, '99999999H'],
  ])('in %s of %d ms is %s, never more than there is', (timeoutHeader, ms, text) => {
    expect(inject(within(ms), plain(), [], { timeoutHeader })).toEqual({ [timeoutHeader]: text });
  });

  it('is in the default header without an option', () => {
    expect(inject(within(40), plain())).toEqual({ 'x-request-timeout-ms': '40' });
  });

  it('is what is left now, less the margin', async () => {
    const ctx = within(100);
    await clock.advance(30);
    expect(inject(ctx, plain(), [], { marginMs: 5 })).toEqual({ 'x-request-timeout-ms': '65' });
  });

  it('is not written where there is no deadline, whatever the margin', () => {
    expect(inject(withCancel(), plain(), [], { marginMs: 5 })).toEqual({});
    expect(inject(withCancel(), { 'x-request-timeout-ms': '7' })).toEqual({ 'x-request-timeout-ms': '7' });
  });
});

describe('too late before it begins', () => {
  const caught = (fn: () => unknown): unknown => {
    try {
      fn();
    } catch (error) {
      return error;
    }
    throw new Error('it did not throw');
  };

  it('throws the cause when done, untouched', () => {
    const ctx = withCancel();
    ctx.cancel(null);
    expect(caught(() => inject(ctx, plain()))).toBe(null);
    const late = within(0);
    expect(caught(() => inject(late, plain()))).toBe(late.cause);
  });

  it.each([
    [5, 5],
    [5, 6],
    [0.5, 0.5],
  ])('throws a DeadlineExceededError when of %d ms the margin takes %d', (ms, marginMs) => {
    const headers = plain();
    const error = caught(() => inject(withValue(within(ms), tenant, 'acme'), headers, [tenant], { marginMs }));
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect((error as Error).message).toBe(
      `deadline exceeded before the call: ${Math.floor(ms)} ms left, margin ${marginMs} ms`,
    );
    expect(headers).toEqual({});
  });

  it('throws also while the timer of a deadline that has passed is late', () => {
    let nowMs = 0;
    const stalled = { now: () => nowMs, setTimeout: () => ({ [Symbol.dispose]: () => undefined }) };
    const ctx = withTimeout(undefined, 10, { clock: stalled });
    nowMs = 10;
    expect(ctx.done).toBe(false);
    expect(() => inject(ctx, plain())).toThrow(/^deadline exceeded before the call: 0 ms left$/);
  });
});

describe('values', () => {
  it('travel as percent-encoded baggage, in the order of the keys', () => {
    const ctx = withValue(withValue(undefined, tenant, 'größe, "x"; a=b\\ %'), region, 'us');
    expect(inject(ctx, plain(), [region, tenant])).toEqual({
      baggage: 'region=us,tenant=gr%C3%B6%C3%9Fe%2C%20%22x%22%3B%20a%3Db%5C%20%25',
    });
  });

  it('that are not bound are left out, defaults are not', () => {
    expect(inject(withCancel(), plain(), [tenant])).toEqual({});
    expect(inject(withCancel(), plain(), [tenant, region])).toEqual({ baggage: 'region=eu-west-1' });
    expect(inject(withValue(undefined, tenant, ''), plain(), [tenant])).toEqual({ baggage: 'tenant=' });
  });

  it('of which nobody spoke stay at home', () => {
    expect(inject(withValue(undefined, tenant, 'acme'), plain())).toEqual({});
  });

  it('have names that are tokens, encoded if need be', () => {
    const odd = createKey<string>('a (b) ü');
    const headers = inject(withValue(undefined, odd, '1'), plain(), [odd]);
    expect(headers).toEqual({ baggage: 'a%20%28b%29%20%C3%BC=1' });
    expect(extract(headers, { keys: [odd] }).value(odd)).toBe('1');
  });

  it('that cannot be written, by name or by value, are left out', () => {
    const half = createKey<string>('\ud800');
    const nameless = createKey<string>('');
    const ctx = [half, nameless].reduce(
      (above, key) => withValue(above, key, 'x'),
      withValue(undefined, tenant, 'a\udc00'),
    );
    expect(inject(ctx, plain(), [half, nameless, tenant])).toEqual({});
  });

  it('that are no strings are an error, and nothing is written', () => {
    const headers = plain();
    const ctx = withValue(within(5), tenant, 7 as never);
    expect(() => inject(ctx, headers, [tenant])).toThrow(
      new TypeError("value of key 'tenant' must be a string, got 7"),
    );
    expect(headers).toEqual({});
  });

  it('join the entries that are there, and replace those of their names', () => {
    const headers = { Baggage: 'a=1;p, tenant=old;q=1 ,b=2' };
    inject(withValue(undefined, tenant, 'new'), headers, [tenant]);
    expect(headers).toEqual({ Baggage: 'a=1;p,b=2,tenant=new' });
  });

  it.each([
    ['too long', 'x'.repeat(5_000)],
    ['not well formed', '\ud800'],
  ])('that are %s leave no other one of their name behind', (_what, value) => {
    const ctx = withValue(undefined, tenant, value);
    expect(inject(ctx, { Baggage: 'a=1,tenant=old' }, [tenant])).toEqual({ Baggage: 'a=1' });
    expect(inject(ctx, { Baggage: 'tenant=old' }, [tenant])).toEqual({});
    expect(inject(ctx, Object.create({ baggage: 'tenant=old' }) as Record<string, string>, [tenant])).toEqual({
      baggage: '',
    });
    expect([...inject(ctx, new Headers({ baggage: 'tenant=old' }), [tenant])]).toEqual([]);
    expect([...inject(ctx, new Map([['baggage', 'tenant=old']]), [tenant])]).toEqual([]);
    const message = new OutgoingMessage();
    message.setHeader('Baggage', ['tenant=old']);
    expect(inject(ctx, message, [tenant]).getHeaders()).toEqual({});
    const calls: unknown[] = [];
    const set = (...args: unknown[]): unknown => calls.push(args);
    for (const target of [{ set }, { set, get: () => 'tenant=old' }]) inject(ctx, target, [tenant]);
    for (const target of [{ setHeader: set }, { setHeader: set, getHeader: () => 'tenant=old' }])
      inject(ctx, target, [tenant]);
    expect(calls).toEqual([
      ['baggage', ''],
      ['baggage', ''],
    ]);
  });

  it.each([
    ['', 'tenant=acme'],
    [' ', 'tenant=acme'],
    ['a=1, ', 'a=1,tenant=acme'],
    [',a=1,,b=2', 'a=1,b=2,tenant=acme'],
  ])('take the place of what is blank: %j', (baggage, expected) => {
    expect(inject(withValue(undefined, tenant, 'acme'), { baggage }, [tenant])).toEqual({ baggage: expected });
  });

  it('leave what is there as it is where there is nothing to write', () => {
    const headers = { baggage: ['a=1', 'b=2'] };
    inject(withCancel(), headers, [tenant]);
    expect(headers).toEqual({ baggage: ['a=1', 'b=2'] });
  });

  it('stay within 180 entries, what goes beyond is left out', () => {
    const keys = Array.from({ length: 200 }, (_, index) => createKey(`k${index}`, String(index)));
    const { baggage } = inject(withCancel(), plain(), keys);
    expect(baggage?.split(',')).toHaveLength(180);
    expect(baggage?.endsWith(',k179=179')).toBe(true);
    const full = Array.from({ length: 180 }, (_, index) => `x${index}=`).join(',');
    expect(inject(withCancel(), { baggage: full }, keys)).toEqual({ baggage: full });
  });

  it('stay within 4 096 bytes each', () => {
    const fits = createKey('a', 'x'.repeat(4_094));
    const exceeds = createKey('b', 'x'.repeat(4_095));
    expect(inject(withCancel(), plain(), [exceeds, fits])).toEqual({ baggage: `a=${fits.defaultValue}` });
    const encoded = createKey('c', 'ü'.repeat(683));
    expect(inject(withCancel(), plain(), [encoded])).toEqual({});
  });

  it('stay within 8 192 bytes in all, and a smaller one still fits', () => {
    const [a, b, c, d] = [
      createKey('a', 'x'.repeat(4_000)),
      createKey('b', 'x'.repeat(4_000)),
      createKey('c', 'x'.repeat(200)),
      createKey('d', 'x'.repeat(184)),
    ];
    const { baggage = '' } = inject(withCancel(), plain(), [a, b, c, d]);
    expect(baggage.length).toBe(8_192);
    expect(baggage.split(',').map((member) => member[0])).toEqual(['a', 'b', 'd']);
    const exceeds = createKey('e', 'x'.repeat(185));
    const written = (headers: { baggage?: string }, keys: ContextKey<string>[]): string =>
      inject(withCancel(), headers, keys).baggage ?? '';
    expect(written({}, [a, b, exceeds]).length).toBe(8_005);
    // With what is there, commas included.
    const there = `x=${'x'.repeat(4_000)},y=${'x'.repeat(4_000)}`;
    expect(written({ baggage: there }, [exceeds, d]).length).toBe(8_192);
    expect(written({ baggage: there }, [exceeds])).toBe(there);
  });
});

describe('trace headers', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const ctx = extract({ traceparent, tracestate: 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE' });

  it('go on as they came, through contexts below', () => {
    expect(inject(withTimeout(withValue(ctx, tenant, 'x'), 1e6), plain())).toMatchObject({
      traceparent,
      tracestate: 'rojo=00f067aa0ba902b7, congo=t61rcWkgMzE',
    });
  });

  it('do not replace what is there, nor mix with it', () => {
    const own = { Traceparent: '00-11111111111111111111111111111111-2222222222222222-00' };
    expect(inject(ctx, { ...own })).toEqual(own);
    expect(inject(ctx, { tracestate: 'mine=1' })).toEqual({ tracestate: 'mine=1', traceparent });
    const headers = new Headers(own);
    expect(inject(ctx, headers).get('traceparent')).toBe(own.Traceparent);
  });
});

describe('headers', () => {
  const ctx = extract(
    { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
    { parent: withValue(withTimeout(undefined, 9, { clock: new VirtualClock() }), tenant, 'acme') },
  );
  const expected = [
    ['baggage', 'a=1,tenant=acme'],
    ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['x-request-timeout-ms', '9'],
  ];

  it('may be Headers', () => {
    expect([...inject(ctx, new Headers({ baggage: 'a=1' }), [tenant])]).toEqual(expected);
  });

  it('may be an outgoing message', () => {
    const message = new OutgoingMessage();
    message.setHeader('Baggage', ['a=1']);
    expect(inject(ctx, message, [tenant])).toBe(message);
    expect(Object.entries(message.getHeaders()).sort()).toEqual(expected);
  });

  it('may be a plain object, whose spelling is kept', () => {
    const headers = { 'X-Request-Timeout-Ms': '5', baggage: ['a=1'] };
    inject(ctx, headers, [tenant]);
    expect(headers).toEqual({ 'X-Request-Timeout-Ms': '9', baggage: 'a=1,tenant=acme', traceparent: expected[1]?.[1] });
  });

  it('may be anything that can set', () => {
    const calls: unknown[] = [];
    inject(ctx, { set: (name: string, value: string) => calls.push([name, value]) }, [tenant]);
    inject(ctx, { setHeader: (name: string, value: string) => calls.push([name, value]) }, []);
    expect(calls).toEqual([
      ['x-request-timeout-ms', '9'],
      ['baggage', 'tenant=acme'],
      expected[1],
      ['x-request-timeout-ms', '9'],
      expected[1],
    ]);
    expect(inject(ctx, new Map([['baggage', 'a=1']]), [tenant]).get('baggage')).toBe('a=1,tenant=acme');
  });
});

describe('misuse', () => {
  it.each<[string, () => unknown, string]>([
    ['a signal', () => inject(AbortSignal.abort() as never, plain()), 'ctx must be a Context'],
    ['no context', () => inject(undefined as never, plain()), 'ctx must be a Context'],
    ['no headers', () => inject(withCancel(), undefined as never), 'headers must be Headers'],
    ['a list for headers', () => inject(withCancel(), [['a', 'b']] as never), 'headers must be Headers'],
    ['null for headers', () => inject(withCancel(), null as never), 'headers must be Headers'],
    [
      'a name that is none',
      () => inject(withCancel(), plain(), [], { timeoutHeader: 'a b' }),
      'timeoutHeader must be the name of a header, got "a b"',
    ],
    ['an empty name', () => inject(withCancel(), plain(), [], { timeoutHeader: '' }), 'got ""'],
    ['a number for a name', () => inject(withCancel(), plain(), [], { timeoutHeader: 5 as never }), 'got 5'],
    [
      'null for a margin',
      () => inject(withCancel(), plain(), [], { marginMs: null as never }),
      'marginMs must be a number, at least 0 and finite, got null',
    ],
    ['text for a margin', () => inject(withCancel(), plain(), [], { marginMs: '5' as never }), 'got "5"'],
    ['true for a margin', () => inject(withCancel(), plain(), [], { marginMs: true as never }), 'got true'],
  ])('%s is a TypeError', (_what, call, message) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  it.each([-1, NaN, Infinity])('a margin of %d is a RangeError', (marginMs) => {
    expect(() => inject(withCancel(), plain(), [], { marginMs })).toThrow(
      new RangeError(`marginMs must be at least 0 and finite, got ${marginMs}`),
    );
  });

  it('options that are undefined count as left out', () => {
    expect(inject(within(3), plain(), undefined, { timeoutHeader: undefined, marginMs: undefined })).toEqual({
      'x-request-timeout-ms': '3',
    });
  });
});
