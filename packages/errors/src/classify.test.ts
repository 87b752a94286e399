import { runInNewContext } from 'node:vm';
import { classify, isRetryable } from './classify.ts';
import { defineError } from './define-error.ts';
import { join } from './join.ts';
import type { ErrorKind } from './kind.ts';
import { mark } from './mark.ts';
import { permanent, transient } from './markers.ts';
import { opaque } from './opaque.ts';
import { PatternError } from './pattern-error.ts';
import { wrap } from './wrap.ts';

const coded = (code: unknown, more: object = {}): Error => Object.assign(new Error('x'), { code, ...more });
const named = (name: string): Error => Object.assign(new Error('x'), { name });
const fetchFailure = (cause: unknown): TypeError => new TypeError('fetch failed', { cause });

const retryable: Record<ErrorKind, boolean> = {
  canceled: false,
  timeout: true,
  throttled: true,
  unavailable: true,
  transient: true,
  conflict: false,
  auth: false,
  client: false,
  bug: false,
  unknown: true,
};

describe('classify', () => {
  const codes: Partial<Record<ErrorKind, string[]>> = {
    canceled: ['ERR_CANCELED', 'UND_ERR_ABORTED', 'ABORT_ERR'],
    timeout: [
      'ETIMEDOUT',
      'UND_ERR_CONNECT_TIMEOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_BODY_TIMEOUT',
      'ERR_DEADLINE_EXCEEDED',
      'ERR_TIMEOUT',
      'ERR_TASK_TIMEOUT',
      'ERR_ACQUIRE_TIMEOUT',
    ],
    throttled: ['ERR_RATE_LIMITED', 'ERR_THROTTLED'],
    unavailable: [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENOSPC',
      'ERR_BREAKER_OPEN',
      'ERR_POOL_FULL',
      'ERR_BULKHEAD_FULL',
      'ERR_LIMIT_EXCEEDED',
      '08000',
      '08006',
      '57P01',
      '57P03',
    ],
    transient: [
      'ECONNRESET',
      'EPIPE',
      'EAI_AGAIN',
      'EAGAIN',
      'EBUSY',
      'EMFILE',
      'ENFILE',
      'UND_ERR_SOCKET',
      '40001',
      '40P01',
    ],
    conflict: ['EEXIST'],
    auth: [
      'EACCES',
      'EPERM',
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'HOSTNAME_MISMATCH',
    ],
    client: ['ENOENT', 'EINVAL', 'ENOTDIR', 'EISDIR'],
    bug: ['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE'],
    unknown: [
      'ERR_SOMETHING',
      '',
      'econnreset',
      '23505',
      '0800',
      '57014',
      'UND_ERR_TIMEOUTS',
      'XERR_INVALID_ARG_TYPE',
      'ECONNRESETX',
      '080000',
      '57P011',
    ],
  };
  it.each(Object.entries(codes).flatMap(([kind, list]) => list.map((code) => [code, kind] as const)))(
    'code %s is %s',
    (code, kind) => {
      expect(classify(coded(code))).toEqual({ kind, retryable: retryable[kind as ErrorKind] });
    },
  );

  const names: [string, ErrorKind][] = [
    ['AbortError', 'canceled'],
    ['TimeoutError', 'timeout'],
    ['TypeError', 'bug'],
    ['ReferenceError', 'bug'],
    ['SyntaxError', 'bug'],
    ['RangeError', 'bug'],
    ['DeadlineExceededError', 'timeout'],
    ['RateLimitError', 'throttled'],
    ['ThrottledError', 'throttled'],
    ['BreakerOpenError', 'unavailable'],
    ['PoolFullError', 'unavailable'],
    ['BulkheadFullError', 'unavailable'],
    ['LimitExceededError', 'unavailable'],
    ['URIError', 'unknown'],
    ['Error', 'unknown'],
  ];
  it.each(names)('name %s is %s', (name, kind) => {
    expect(classify(named(name))).toEqual({ kind, retryable: retryable[kind] });
  });

  const statuses: [number, ErrorKind][] = [
    [400, 'client'],
    [401, 'auth'],
    [402, 'client'],
    [403, 'auth'],
    [404, 'client'],
    [408, 'timeout'],
    [409, 'conflict'],
    [410, 'client'],
    [412, 'conflict'],
    [422, 'client'],
    [425, 'transient'],
    [429, 'throttled'],
    [499, 'canceled'],
    [500, 'transient'],
    [501, 'client'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'timeout'],
    [505, 'client'],
    [507, 'transient'],
    [599, 'transient'],
    [399, 'unknown'],
    [200, 'unknown'],
    [600, 'unknown'],
    [404.5, 'unknown'],
    [NaN, 'unknown'],
  ];
  it.each(statuses)('status %d is %s, wherever it stands', (status, kind) => {
    const places = [
      { status },
      { statusCode: status },
      { response: { status } },
      { response: { statusCode: status } },
      { $metadata: { httpStatusCode: status } },
    ];
    for (const place of places)
      expect(classify(Object.assign(new Error('x'), place))).toEqual({ kind, retryable: retryable[kind] });
    expect(classify({ status })).toEqual({ kind, retryable: retryable[kind] });
  });

  it('takes the first status that is one', () => {
    expect(classify({ status: 'failed', statusCode: 0, response: { statusCode: 503 } }).kind).toBe('unavailable');
    expect(classify({ status: '503' }).kind).toBe('unknown');
  });

  const grpc: ErrorKind[] = [
    'unknown',
    'canceled',
    'unknown',
    'client',
    'timeout',
    'client',
    'conflict',
    'auth',
    'throttled',
    'client',
    'transient',
    'client',
    'client',
    'unknown',
    'unavailable',
    'unknown',
    'auth',
    'unknown',
  ];
  it.each(grpc.map((kind, code) => [code, kind] as const))('gRPC status %d is %s', (code, kind) => {
    expect(classify(coded(code, { details: 'why' }))).toEqual({ kind, retryable: retryable[kind] });
  });

  it('takes a number for a gRPC status only beside details in words', () => {
    expect(classify(coded(14)).kind).toBe('unknown');
    expect(classify(coded(14, { details: { a: 1 } })).kind).toBe('unknown');
    expect(classify(new DOMException('gone', 'AbortError'))).toEqual({ kind: 'canceled', retryable: false });
    expect(classify(new DOMException('late', 'TimeoutError'))).toEqual({ kind: 'timeout', retryable: true });
  });

  it.each([
    'fetch failed',
    'terminated',
    'Failed to fetch',
    'network error',
    'NetworkError when attempting to fetch resource.',
    'Load failed',
  ])("takes fetch's TypeError %p for no word at all", (message) => {
    expect(classify(new TypeError(message))).toEqual({ kind: 'unknown', retryable: true });
    expect(classify(new TypeError(message, { cause: coded('ECONNRESET') })).kind).toBe('transient');
    expect(classify(new RangeError(message)).kind).toBe('bug');
  });

  it('asks axios, and nobody else, about ECONNABORTED', () => {
    expect(classify(coded('ECONNABORTED', { isAxiosError: true })).kind).toBe('timeout');
    expect(classify(coded('ECONNABORTED')).kind).toBe('unknown');
  });

  describe('of one node', () => {
    it('lets the class decide before the code, the code before the name, the name before the status', () => {
      class Stated extends PatternError {
        static override readonly kind: ErrorKind = 'conflict';
        override readonly code = 'ECONNRESET';
      }
      expect(classify(new Stated()).kind).toBe('conflict');
      expect(classify(Object.assign(named('AbortError'), { code: 'ETIMEDOUT', status: 404 })).kind).toBe('timeout');
      expect(classify(Object.assign(named('AbortError'), { code: 'ERR_OTHER', status: 404 })).kind).toBe('canceled');
      expect(classify(Object.assign(named('HTTPError'), { code: 'ERR_OTHER', status: 404 })).kind).toBe('client');
    });

    it('takes the kind of its http where the class states no kind', () => {
      const Teapot = defineError('Teapot', { code: 'CLASSIFY_TEAPOT', http: 418 });
      expect(classify(new Teapot())).toEqual({ kind: 'client', retryable: false });
      class Gateway extends PatternError {
        static override readonly http: number = 502;
      }
      expect(classify(new Gateway())).toEqual({ kind: 'unavailable', retryable: true });
    });

    it('does not believe statics of classes that are not ours, nor words that are no kinds', () => {
      class Foreign extends Error {
        static readonly kind = 'bug';
        static readonly retryable = false;
        kind = 'conflict';
      }
      expect(classify(new Foreign())).toEqual({ kind: 'unknown', retryable: true });
      class Odd extends PatternError {
        static override readonly kind = 'teapot' as ErrorKind;
      }
      expect(classify(new Odd()).kind).toBe('unknown');
      class Inherited extends PatternError {
        static override readonly kind = 'toString' as ErrorKind;
      }
      expect(classify(new Inherited()).kind).toBe('unknown');
    });
  });

  describe('of a tree', () => {
    it('gives the kind of the first node that says something', () => {
      expect(classify(wrap(coded('ENOENT'), 'read')).kind).toBe('client');
      expect(classify(join(new Error('?'), coded('EEXIST'), coded('EPIPE'))).kind).toBe('conflict');
      expect(classify(coded('EACCES', { cause: coded('EPIPE') })).kind).toBe('auth');
      expect(classify(mark(coded('EPIPE'), new Error('ref'))).kind).toBe('transient');
      expect(classify(fetchFailure(new AggregateError([coded('ECONNREFUSED')]))).kind).toBe('unavailable');
    });

    it('goes into the cause before the errors', () => {
      const tree = new AggregateError([coded('EEXIST')], 'x', { cause: coded('EPIPE') });
      expect(classify(tree).kind).toBe('transient');
    });

    it('does not look behind a barrier', () => {
      expect(classify(opaque(coded('ENOENT')))).toEqual({ kind: 'unknown', retryable: true });
    });

    it('takes retryable, own or of the class, at any depth', () => {
      const Sticky = defineError('Sticky', { code: 'CLASSIFY_STICKY', kind: 'client', retryable: true });
      expect(classify(new Sticky())).toEqual({ kind: 'client', retryable: true });
      expect(classify(wrap(new Sticky(), 'x')).retryable).toBe(true);
      expect(classify(coded('EPIPE', { retryable: false }))).toEqual({ kind: 'transient', retryable: false });
      expect(classify(coded('EPIPE', { retryable: 'no' })).retryable).toBe(true);
      expect(classify(coded('ENOENT', { $retryable: { throttling: true } })).retryable).toBe(true);
      expect(classify(coded('EPIPE', { $retryable: false })).retryable).toBe(false);
      expect(classify(coded('EPIPE', { $retryable: undefined })).retryable).toBe(true);
      expect(classify(coded('EPIPE', { cause: coded('?', { retryable: false }) }))).toEqual({
        kind: 'transient',
        retryable: false,
      });
    });

    it('lets an instance overrule its class', () => {
      class Closable extends PatternError {
        static override readonly kind: ErrorKind = 'throttled';
        static override readonly retryable: boolean = true;
        readonly retryable: boolean = false;
      }
      expect(classify(new Closable())).toEqual({ kind: 'throttled', retryable: false });
    });

    it('lets the outermost marker win over the inner one and the table', () => {
      expect(classify(permanent(coded('ECONNRESET')))).toEqual({ kind: 'transient', retryable: false });
      expect(classify(transient(coded('ENOENT')))).toEqual({ kind: 'client', retryable: true });
      expect(classify(permanent(transient(coded('EPIPE')))).retryable).toBe(false);
      expect(classify(transient(permanent(coded('EPIPE')))).retryable).toBe(true);
      expect(classify(wrap(wrap(permanent(coded('EPIPE')), 'a'), 'b')).retryable).toBe(false);
      expect(classify(coded('EPIPE', { retryable: true, cause: permanent(new Error('x')) })).retryable).toBe(true);
    });

    it('calls what says no more than that it is transient transient', () => {
      expect(classify(transient(new Error('x')))).toEqual({ kind: 'transient', retryable: true });
      expect(classify(permanent(transient(new Error('x'))))).toEqual({ kind: 'transient', retryable: false });
      expect(classify(permanent(new Error('x')))).toEqual({ kind: 'unknown', retryable: false });
      expect(classify(coded('ERR_TRANSIENT')).kind).toBe('unknown');
    });

    it('does not let retries of ours multiply', () => {
      class RetryError extends PatternError {
        static override readonly retryable: boolean = false;
        override readonly code = 'ERR_RETRY_EXHAUSTED';
      }
      expect(classify(new RetryError('x', { cause: transient(coded('EPIPE')) }))).toEqual({
        kind: 'transient',
        retryable: false,
      });
    });

    it.each(['ERR_POOL_CLOSED', 'ERR_CHANNEL_CLOSED'])('calls what is closed (%s) unavailable for good', (code) => {
      expect(classify(coded(code))).toEqual({ kind: 'unavailable', retryable: false });
      expect(classify(wrap(coded(code), 'x'))).toEqual({ kind: 'unavailable', retryable: false });
      expect(classify(coded('EPIPE', { cause: coded(code) }))).toEqual({ kind: 'transient', retryable: true });
      expect(classify(transient(coded(code)))).toEqual({ kind: 'unavailable', retryable: true });
    });

    it.each(['PoolClosedError', 'ChannelClosedError'])('knows it by its name (%s) too', (name) => {
      expect(classify(wrap(named(name), 'x'))).toEqual({ kind: 'unavailable', retryable: false });
    });
  });

  describe('retryAfterMs', () => {
    it('is that of the first node that has one', () => {
      expect(
        classify(wrap(transient(new PatternError('x', { retryAfterMs: 9 }), { retryAfterMs: 5 }), 'y')).retryAfterMs,
      ).toBe(5);
      expect(classify(transient(new PatternError('x', { retryAfterMs: 9 }))).retryAfterMs).toBe(9);
      expect(classify({ retryAfterMs: 0 }).retryAfterMs).toBe(0);
      expect(classify({ retryAfterMs: Infinity }).retryAfterMs).toBe(Infinity);
    });

    it('ignores what is no delay', () => {
      for (const retryAfterMs of [-1, NaN, '5', null, undefined]) {
        // `toEqual` would not mind a delay of `undefined`.
        expect(classify({ retryAfterMs })).toStrictEqual({ kind: 'unknown', retryable: true });
      }
    });

    it('is that of the Retry-After header where no node has one', () => {
      const headers = { 'retry-after': '7' };
      for (const error of [
        { response: { headers } },
        { headers },
        { $response: { headers } },
        { response: { headers: new Headers(headers) } },
        { response: { headers: { 'Retry-After': ['7', '8'] } } },
        { response: { headers: { 'Retry-After': 7 } } },
        { response: { headers: { get: () => null, 'retry-after': '7' } } },
        {
          response: {
            headers: {
              get: () => {
                throw new Error('no');
              },
              'retry-after': '7',
            },
          },
        },
      ]) {
        expect(classify(wrap(error, 'x')).retryAfterMs).toBe(7_000);
      }
      expect(classify({ headers, cause: { headers: { 'retry-after': '9' } } }).retryAfterMs).toBe(7_000);
      expect(classify({ headers, cause: { retryAfterMs: 1 } }).retryAfterMs).toBe(1);
    });

    it('takes seconds or a date, and a date that has passed for now', () => {
      jest.useFakeTimers({ now: Date.UTC(2026, 0, 1, 0, 0, 0) });
      try {
        const cases: [string, number | undefined][] = [
          ['0', 0],
          ['1.5', 1_500],
          ['1.25', 1_250],
          ['2026-01-01T00:00:30Z', undefined],
          [' 120 ', 120_000],
          ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
          ['Thursday, 01-Jan-26 00:00:30 GMT', 30_000],
          ['Thu Jan  1 00:00:30 2026', 30_000],
          ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
          ['foo 2030', undefined],
          ['garbage 1', undefined],
          ['-1', undefined],
          ['soon', undefined],
          ['', undefined],
          ['1e3', undefined],
        ];
        for (const [value, expected] of cases)
          expect([value, classify({ headers: { 'retry-after': value } }).retryAfterMs]).toEqual([value, expected]);
      } finally {
        jest.useRealTimers();
      }
    });
  });

  it('goes on where a node says nothing that it knows', () => {
    expect(classify(join('just a text', coded('ECONNREFUSED'))).kind).toBe('unavailable');
    expect(classify({ code: 99, details: 'no status of gRPC', name: 'TimeoutError' }).kind).toBe('timeout');
    expect(classify(coded('ERR_BAD_RESPONSE', { isAxiosError: true })).kind).toBe('unknown');
    const NotFound = defineError('NotFound', { code: 'NOT_FOUND', http: 404 });
    expect(classify(Object.assign(new NotFound({}), { $retryable: {} }))).toEqual({ kind: 'client', retryable: true });
  });

  it('takes any value, and never throws', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throwing = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('no');
      },
      ownKeys: () => {
        throw new Error('no');
      },
    });
    for (const value of [
      undefined,
      null,
      0,
      'ECONNRESET',
      Symbol('s'),
      1n,
      {},
      [],
      () => 1,
      proxy,
      throwing,
      Object.create(null),
    ]) {
      expect(classify(value)).toEqual({ kind: 'unknown', retryable: true });
      expect(isRetryable(value)).toBe(true);
    }
    expect(classify(runInNewContext('new TypeError("x")')).kind).toBe('bug');
    expect(isRetryable(new TypeError('x'))).toBe(false);
  });

  it('goes through a hundred thousand causes and errors', () => {
    let chain: unknown = coded('EPIPE');
    for (let i = 1; i < 100_000; i++) chain = { cause: chain };
    expect(classify(chain).kind).toBe('transient');
    expect(classify({ errors: [...Array.from({ length: 100_000 }, () => ({})), coded('EPIPE')] }).kind).toBe(
      'transient',
    );
  });
});
