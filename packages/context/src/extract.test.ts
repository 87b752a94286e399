import { createKey, DeadlineExceededError, withCancel, withTimeout, withValue } from '@patterns/context';
import { extract, inject, type HeaderSource, type TimeoutHeader } from '@patterns/context/http';
import { VirtualClock } from '@patterns/context/testing';

const tenant = createKey<string>('tenant');
const region = createKey('region', 'eu-west-1');
const clock = new VirtualClock();
/** On a clock that stands still, so that what is left is what was given. */
const parent = withTimeout(undefined, 1e12, { clock });
const timeOf = (headers: HeaderSource, timeoutHeader?: TimeoutHeader): number => {
  const left = extract(headers, { parent, timeoutHeader }).remaining();
  return left === 1e12 ? Infinity : left;
};

describe('the time', () => {
  it.each<[TimeoutHeader, string, number]>([
    ['x-request-timeout-ms', '250', 250],
    ['x-request-timeout-ms', '0', 0],
    ['x-request-timeout-ms', '007', 7],
    ['x-request-timeout-ms', '4294967296', 4_294_967_296],
    ['x-envoy-expected-rq-timeout-ms', '15000', 15_000],
    ['X-Mine', '5', 5],
    ['grpc-timeout', '250m', 250],
    ['Grpc-Timeout', '3S', 3_000],
    ['grpc-timeout', '2M', 120_000],
    ['grpc-timeout', '1H', 3_600_000],
    ['grpc-timeout', '1500u', 1.5],
    ['grpc-timeout', '2000000n', 2],
    ['grpc-timeout', '0S', 0],
    ['grpc-timeout', '99999999n', 99.999_999],
  ])('of %s: %s is %d ms', (header, text, ms) => {
    expect(timeOf({ [header.toLowerCase()]: text }, header)).toBeCloseTo(ms, 9);
  });

  it.each<[TimeoutHeader, readonly string[]]>([
    [
      'x-request-timeout-ms',
      [
        '',
        ' ',
        '-1',
        '+5',
        '5.5',
        '1e3',
        '0x10',
        'NaN',
        'Infinity',
        '5ms',
        '5, 6',
        '5\n',
        ' 5',
        '٥',
        '9007199254740992',
        '99999999999999999999',
        '1'.repeat(1e6),
      ],
    ],
    ['grpc-timeout', ['', '5', 'm', '5s', '5h', '5 m', '-5m', '+5m', '5.5S', '123456789m', '5mS', '5mm', '٥m', '5m\n']],
  ])('of %s is absent where it is malformed or out of bounds', (header, texts) => {
    for (const text of texts)
      expect([text.slice(0, 20), timeOf({ [header]: text }, header)]).toEqual([text.slice(0, 20), Infinity]);
  });

  it('is none without a header, unless there is a longest', () => {
    expect(extract({}).deadline).toBeUndefined();
    expect(extract({}, { parent, maxTimeoutMs: 70 }).remaining()).toBe(70);
    expect(extract({}, { parent, maxTimeoutMs: 0 }).done).toBe(true);
    expect(extract({ 'x-request-timeout-ms': 'soon' }, { parent, maxTimeoutMs: 70 }).remaining()).toBe(70);
    expect(extract({ 'x-request-timeout-ms': '71' }, { parent, maxTimeoutMs: 70 }).remaining()).toBe(70);
    expect(extract({ 'x-request-timeout-ms': '69' }, { parent, maxTimeoutMs: 70 }).remaining()).toBe(69);
  });

  it('of the parent wins where it is shorter', () => {
    const short = withTimeout(parent, 10, { name: 'server' });
    expect(extract({ 'x-request-timeout-ms': '50' }, { parent: short }).remaining()).toBe(10);
  });

  it('that is over gives a context that is done before anything begins, and names its header', () => {
    const ctx = extract({ 'grpc-timeout': '0m' }, { timeoutHeader: 'grpc-timeout' });
    expect(ctx.done).toBe(true);
    expect(ctx.cause).toBeInstanceOf(DeadlineExceededError);
    expect(ctx.err).toMatchObject({ deadlineName: 'grpc-timeout', timeoutMs: 0 });
    expect(() => {
      ctx.throwIfDone();
    }).toThrow('deadline exceeded: grpc-timeout, 0 ms');
    expect(() => inject(ctx, {})).toThrow(DeadlineExceededError);
  });

  it('ends the context when it has passed, by the name of the header or of the option', async () => {
    const given = extract({ 'x-request-timeout-ms': '20' }, { parent });
    const own = extract({}, { parent, maxTimeoutMs: 20 });
    await clock.advance(20);
    expect(given.err).toMatchObject({ deadlineName: 'x-request-timeout-ms', timeoutMs: 20 });
    expect(own.err).toMatchObject({ deadlineName: 'maxTimeoutMs', timeoutMs: 20 });
  });

  it('may be longer than a timer of the platform', () => {
    const ctx = extract({ 'x-request-timeout-ms': '9007199254740991' });
    expect(ctx.done).toBe(false);
    expect(ctx.remaining()).toBeGreaterThan(2 ** 52);
    ctx.cancel();
  });
});

describe('values', () => {
  const read = (baggage: string | readonly string[]): (string | undefined)[] => {
    const ctx = extract({ baggage }, { keys: [tenant, region] });
    return [ctx.value(tenant), ctx.value(region)];
  };

  it.each<[string | readonly string[], readonly (string | undefined)[]]>([
    ['tenant=acme', ['acme', 'eu-west-1']],
    ['tenant=acme,region=us', ['acme', 'us']],
    [' tenant = acme ; p=1;q , region\t=\tus', ['acme', 'us']],
    ['tenant=gr%C3%B6%C3%9Fe%2C%20x', ['größe, x', 'eu-west-1']],
    ['tenant=a=b', ['a=b', 'eu-west-1']],
    ['tenant=', ['', 'eu-west-1']],
    ['tenant=a,tenant=b', ['b', 'eu-west-1']],
    [
      ['tenant=a', 'region=us'],
      ['a', 'us'],
    ],
    [',,tenant=a,,', ['a', 'eu-west-1']],
    ['Tenant=a,other=b', [undefined, 'eu-west-1']],
    ['', [undefined, 'eu-west-1']],
    ['tenant', [undefined, 'eu-west-1']],
    ['=a', [undefined, 'eu-west-1']],
    ['tenant=%', [undefined, 'eu-west-1']],
    ['tenant=%FF,region=us', [undefined, 'us']],
    ['tenant="quoted"', [undefined, 'eu-west-1']],
    ['tenant=a b', [undefined, 'eu-west-1']],
    ['tenant=ü', [undefined, 'eu-west-1']],
    ['tenant=a\r\nx: y', [undefined, 'eu-west-1']],
    ['tenant;x=1', [undefined, 'eu-west-1']],
    ['tenant=a,tenant=%', ['a', 'eu-west-1']],
    [
      ['tenant=a', 5 as never],
      [undefined, 'eu-west-1'],
    ],
  ])('of %j are %j', (baggage, values) => {
    expect(read(baggage)).toEqual(values);
  });

  it('without a name are those of no key, also of one whose name cannot be written', () => {
    const keys = [createKey<string>('\ud800'), createKey<string>('')];
    const ctx = extract({ baggage: '=a,b, = c ,;x=1' }, { keys });
    expect(keys.map((key) => ctx.value(key))).toEqual([undefined, undefined]);
  });

  it('for which nobody asked are ignored', () => {
    expect(extract({ baggage: 'tenant=acme' }).value(tenant)).toBeUndefined();
  });

  it('beyond the limits are ignored', () => {
    expect(read(`tenant=${'x'.repeat(4_089)}`)[0]).toHaveLength(4_089);
    expect(read(`tenant=${'x'.repeat(4_090)},region=us`)).toEqual([undefined, 'us']);
    const most = `${'a=1,'.repeat(178)}tenant=x`;
    expect(read(`${most},region=us`)).toEqual(['x', 'us']);
    expect(read(`b=2,${most},region=us`)).toEqual(['x', 'eu-west-1']);
    expect(read(`a=${'x'.repeat(4_000)},b=${'x'.repeat(4_000)},c=${'x'.repeat(175)},tenant=x`)).toEqual([
      'x',
      'eu-west-1',
    ]);
    expect(read(`a=${'x'.repeat(4_000)},b=${'x'.repeat(4_000)},c=${'x'.repeat(176)},tenant=x`)).toEqual([
      undefined,
      'eu-west-1',
    ]);
  });

  it('of the parent are there, and are hidden by those of the request', () => {
    const above = withValue(withValue(undefined, tenant, 'outer'), region, 'outer');
    const ctx = extract({ baggage: 'tenant=inner' }, { parent: above, keys: [tenant, region] });
    expect([ctx.value(tenant), ctx.value(region)]).toEqual(['inner', 'outer']);
  });
});

describe('trace headers', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
  const through = (headers: HeaderSource): object => inject(extract(headers), {});

  it.each([
    `00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01`,
    `00-${id}-01`,
    `00-${id}-00`,
    `cc-${id}-01-what-the-future-will-be like`,
    `01-${id}-ff`,
  ])('pass: %s', (traceparent) => {
    expect(through({ traceparent })).toEqual({ traceparent });
    expect(through({ traceparent, tracestate: 'a=1,b=2' })).toEqual({ traceparent, tracestate: 'a=1,b=2' });
    expect(through({ traceparent, tracestate: ['a=1', 'b=2'] })).toEqual({ traceparent, tracestate: 'a=1,b=2' });
  });

  it.each([
    '',
    'x',
    `ff-${id}-01`,
    `00-${id}-01-more`,
    `00-${id}-01-`,
    `01-${id}-01x`,
    `x00-${id}-01`,
    `00-00-${id}-01`,
    `00-${id.toUpperCase()}-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
    `00-${id}-0`,
    `00-${id}-01\r\nx: y`,
    `01-${id}-01-ü`,
    `01-${id}-01-${'x'.repeat(9_000)}`,
  ])('are absent, both, where the first is malformed: %j', (traceparent) => {
    expect(through({ traceparent, tracestate: 'a=1' })).toEqual({});
  });

  it.each(['', 'a=1\r\nx: y', 'ü', 'x'.repeat(9_000)])('go on without a state that cannot be sent', (tracestate) => {
    expect(through({ traceparent: `00-${id}-01`, tracestate })).toEqual({ traceparent: `00-${id}-01` });
  });

  it('go on with a state of the greatest length', () => {
    const headers = { traceparent: `00-${id}-01`, tracestate: 'x'.repeat(8_192) };
    expect(through(headers)).toEqual(headers);
    expect(through({ ...headers, tracestate: 'x'.repeat(8_193) })).toEqual({ traceparent: headers.traceparent });
  });

  it('alone is no state', () => {
    expect(through({ tracestate: 'a=1' })).toEqual({});
  });
});

describe('headers', () => {
  const names = { 'X-Request-Timeout-Ms': '40', Baggage: 'tenant=acme' };

  it.each<[string, HeaderSource]>([
    ['Headers', new Headers(names)],
    ['an object as Node makes it', { 'x-request-timeout-ms': '40', baggage: 'tenant=acme' }],
    ['an object in any spelling', names],
    ['an object with lists', { 'x-request-timeout-ms': ['40'], baggage: ['tenant=acme'] }],
    ['an object without a prototype', Object.assign(Object.create(null) as Record<string, string>, names)],
    ['anything that can get', { get: (name: string) => new Headers(names).get(name) }],
    ['with a header called get', { ...names, get: 'x' }],
  ])('may be %s', (_what, headers) => {
    const ctx = extract(headers, { parent, keys: [tenant] });
    expect([ctx.remaining(), ctx.value(tenant)]).toEqual([40, 'acme']);
  });

  it('are told apart by their names, and those in lower case come first', () => {
    expect(
      extract({ traceid: 'tenant=no', Baggage: 'tenant=no', baggage: 'tenant=yes' }, { keys: [tenant] }).value(tenant),
    ).toBe('yes');
    expect(extract({ traceid: 'tenant=no' }, { keys: [tenant] }).value(tenant)).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'x-request-timeout-ms: 5'],
    ['a number', 5],
    ['values of other types', { 'x-request-timeout-ms': 5, baggage: { tenant: 'x' }, traceparent: [1] }],
    ['lists of other things', { 'x-request-timeout-ms': [5], baggage: [['tenant=x']] }],
    ['two times', { 'x-request-timeout-ms': ['5', '6'] }],
    [
      'a get that throws',
      {
        get() {
          throw new Error('no');
        },
      },
    ],
    [
      'a trap',
      new Proxy(
        {},
        {
          get() {
            throw new Error('no');
          },
          getOwnPropertyDescriptor() {
            throw new Error('no');
          },
        },
      ),
    ],
  ])('that are %s hold nothing', (_what, headers) => {
    const ctx = extract(headers as HeaderSource, { keys: [tenant, region] });
    expect([ctx.done, ctx.deadline, ctx.value(tenant), ctx.value(region)]).toEqual([
      false,
      undefined,
      undefined,
      'eu-west-1',
    ]);
    expect(inject(ctx, {})).toEqual({});
  });
});

describe('the context', () => {
  it('ends with its parent and can be cancelled', () => {
    const above = withCancel();
    const ctx = extract({}, { parent: above });
    const other = extract({}, { parent: above.signal });
    other.cancel('own');
    above.cancel('why');
    expect([ctx.cause, other.cause]).toEqual(['why', 'own']);
  });

  it('shows where its time comes from', () => {
    const ctx = extract({ 'x-request-timeout-ms': '40', baggage: 'tenant=x' }, { parent, keys: [tenant] });
    expect(String(ctx)).toMatch(/\.withValue\(tenant\)\.withTimeout\(x-request-timeout-ms, 40 ms left\)$/);
  });
});

describe('misuse', () => {
  it('is told at once', () => {
    expect(() => extract({}, { parent: null as never })).toThrow(
      new TypeError('parent must be an AbortSignal or a Context, got null'),
    );
    expect(() => extract({}, { maxTimeoutMs: -1 })).toThrow(new RangeError('maxTimeoutMs must be at least 0, got -1'));
    expect(() => extract({}, { maxTimeoutMs: NaN })).toThrow(RangeError);
    for (const maxTimeoutMs of [null, '5', true] as never[]) {
      expect(() => extract({}, { maxTimeoutMs })).toThrow(TypeError);
      expect(() => extract({}, { maxTimeoutMs })).toThrow('maxTimeoutMs must be a number, at least 0, got');
    }
    expect(() => extract({}, { timeoutHeader: 'a:b' })).toThrow(TypeError);
  });

  it('options that are undefined count as left out', () => {
    const ctx = extract(
      { 'x-request-timeout-ms': '60000' },
      { parent: undefined, keys: undefined, maxTimeoutMs: undefined, timeoutHeader: undefined },
    );
    expect(ctx.remaining()).toBeGreaterThan(0);
    ctx.cancel();
  });
});
