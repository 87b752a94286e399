import { createKey, withTimeout, withValue, type Cancellation } from '@patterns/context';
import { extract, inject, type TimeoutHeader } from '@patterns/context/http';
import { VirtualClock } from '@patterns/context/testing';
import { seededRandom } from '@patterns-tools/test-kit';
import fc from 'fast-check';

// Many runs, on a machine that may be busy.
jest.setTimeout(60_000);
const numRuns = 2_000;

const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

const clock = new VirtualClock();
/** The clock stands still, so that what is left is what was given. */
const parent = withTimeout(undefined, 1e15, { clock });
const timeoutHeaders: readonly TimeoutHeader[] = [
  'x-request-timeout-ms',
  'grpc-timeout',
  'x-envoy-expected-rq-timeout-ms',
  'x-mine',
];

const anyHeader = fc.constantFrom(...timeoutHeaders);
const anyTimeMs = fc.oneof(
  fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
  fc.double({ min: 1e-6, max: 1e14, noNaN: true }),
  fc.integer({ min: 1, max: 1e6 }),
);

it('a time goes over the wire with at most one unit lost, and none gained', () => {
  fc.assert(
    fc.property(anyHeader, anyTimeMs, (timeoutHeader, ms) => {
      using ctx = withTimeout(parent, ms);
      const sent = inject(ctx, {}, [], { timeoutHeader });
      const received = extract(sent, { parent, timeoutHeader }).remaining();
      // What is below a millisecond is rounded up to one: it is not too late yet.
      expect(received).toBeLessThanOrEqual(Math.max(1, ms));
      const unitMs = timeoutHeader !== 'grpc-timeout' || ms < 1e8 ? 1 : ms < 1e11 ? 1e3 : ms < 6e12 ? 6e4 : 3.6e6;
      expect(received).toBeGreaterThanOrEqual(Math.min(ms, 1e14) - unitMs - 1e-3);
    }),
    { numRuns },
  );
});

/** The grammars, written the other way round: by what a careful reader would accept. */
function model(header: TimeoutHeader, text: string): number | undefined {
  const digits = header === 'grpc-timeout' ? text.slice(0, -1) : text;
  if (digits === '' || digits.length > (header === 'grpc-timeout' ? 8 : 16)) return undefined;
  for (const digit of digits) if (!'0123456789'.includes(digit)) return undefined;
  const count = BigInt(digits);
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  if (header !== 'grpc-timeout') return Number(count);
  const unitNs = { n: 1, u: 1e3, m: 1e6, S: 1e9, M: 60e9, H: 3_600e9 }[text.slice(-1)];
  return unitNs === undefined ? undefined : (Number(count) * unitNs) / 1e6;
}

function expectAsModel(header: TimeoutHeader, text: string): void {
  const ctx = extract({ [header]: text }, { parent, timeoutHeader: header });
  const expected = model(header, text);
  if (expected === undefined) {
    if (ctx.done || ctx.remaining() !== 1e15)
      throw new Error(`${JSON.stringify(text)} counts as ${ctx.remaining()} ms`);
  } else if (Math.abs(ctx.remaining() - Math.min(expected, 1e15)) > 1e-6 * expected || ctx.done !== (expected === 0)) {
    throw new Error(`${JSON.stringify(text)} counts as ${ctx.remaining()} ms, not ${expected}`);
  }
  ctx.cancel();
}

it('any text at all is a time as the grammar has it, or absent', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[\d+\-.eExXHMSmun ,]{0,20}$/),
    fc.stringMatching(/^\d{1,18}[HMSmun]?$/),
  );
  fc.assert(
    fc.property(anyHeader, anyText, (header, text) => {
      expectAsModel(header, text);
    }),
    { numRuns },
  );
});

it('100 000 hostile values neither throw nor pass for a time that they are not', () => {
  const random = seededRandom(20_250_101);
  const pieces = [
    '0',
    '1',
    '9',
    '00',
    '99999999',
    '9007199254740991',
    '9007199254740992',
    '-',
    '+',
    '.',
    'e',
    'E9',
    '0x',
    '0b1',
    'Infinity',
    'NaN',
    'null',
    'm',
    'S',
    'M',
    'H',
    'n',
    'u',
    's',
    'ms',
    ' ',
    '\t',
    '\r\n',
    '\0',
    ',',
    ';',
    '\u0661',
    '\uff11',
    '\ud800',
    '__proto__',
    '%00',
    '"',
    '_',
    '1_000',
    'true',
    '𝟙',
  ];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let n = 0; n < 100_000; n++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(pieces)).join('');
    expectAsModel(pick(timeoutHeaders), text);
  }
});

const anyName = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('a', 'b', '=', ';', ',', '%', '(', ')', ' ', '"', '\\', 'ü'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
    minLength: 1,
    maxLength: 12,
  })
  .filter(isWellFormed);
const anyValue = fc.string({ unit: 'binary', maxLength: 60 });

it('values go over the wire as they are, whatever is in their names and in them', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(anyName, anyValue), { selector: ([name]) => name, maxLength: 20 }),
      (entries) => {
        const keys = entries.map(([name]) => createKey<string>(name));
        const ctx = entries.reduce<Cancellation | undefined>(
          (above, [, value], index) => withValue(above, keys[index] as never, value as never),
          parent,
        );
        const sent = inject(withTimeout(ctx, 5), new Headers(), keys);
        expect(sent.get('baggage') ?? '').toMatch(/^[\x21-\x7e]*$/);
        const received = extract(sent, { keys, parent });
        // Headers of many long values exceed the limits only beyond what is made here.
        expect(keys.map((key) => received.value(key))).toEqual(entries.map(([, value]) => value));
        received.cancel();
      },
    ),
    { numRuns },
  );
});

it('no baggage is read or written beyond the limits, and what is there stays whole', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 3_900, max: 4_200 })), {
    maxLength: 220,
  });
  fc.assert(
    fc.property(sizes, fc.boolean(), (lengths, isOccupied) => {
      const keys = lengths.map((length, index) => createKey(`k${index}`, 'x'.repeat(length)));
      const before = isOccupied ? { baggage: 'z=1;p' } : {};
      const { baggage = '' } = inject(parent, before as Record<string, string>, keys);
      expect(baggage.length).toBeLessThanOrEqual(8_192);
      const members = baggage === '' ? [] : baggage.split(',');
      expect(members.length).toBeLessThanOrEqual(180);
      for (const member of members) expect(member.length).toBeLessThanOrEqual(4_096);
      if (isOccupied) expect(members[0]).toBe('z=1;p');
      const bare = keys.map(({ name }) => createKey<string>(name));
      const received = extract({ baggage }, { keys: bare });
      const arrived = bare.filter((key) => received.value(key) !== undefined);
      expect(arrived.length).toBe(members.length - (isOccupied ? 1 : 0));
    }),
    { numRuns: 1_000 },
  );
});

it('hostile baggage gives well-formed strings or nothing, in bounded time', () => {
  const tenant = createKey<string>('tenant');
  const anyBaggage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'tenant',
          '=',
          ',',
          ';',
          '%',
          '%4',
          '%41',
          '%FF',
          '%ED%A0%80',
          ' ',
          '"',
          'a',
          '\0',
          '\ud800',
          '=,',
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(anyBaggage, (baggage) => {
      const value = extract({ baggage }, { keys: [tenant] }).value(tenant);
      if (value !== undefined) expect(isWellFormed(value)).toBe(true);
    }),
    { numRuns },
  );
  for (const piece of [',', 'a=1,', ';', '=', '%', ' ', 'tenant=', 'tenant= ']) {
    extract({ baggage: piece.repeat(1_000_000) }, { keys: [tenant] });
  }
});

it('no other trace header than a valid one goes on, and that one as it came', () => {
  const hex = (length: number): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length });
  const valid = fc
    .tuple(hex(32), hex(16), hex(2))
    .filter(([trace, span]) => /[^0]/.test(trace) && /[^0]/.test(span))
    .map((parts) => `00-${parts.join('-')}`);
  fc.assert(
    fc.property(valid, fc.stringMatching(/^[\x21-\x7e]{1,200}$/), (traceparent, tracestate) => {
      expect(inject(extract({ traceparent, tracestate }), {})).toEqual({ traceparent, tracestate });
    }),
    { numRuns },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc
          .tuple(valid, fc.nat(54), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }))
          .map(([text, at, char]) => text.slice(0, at) + char + text.slice(at + 1)),
      ),
      (traceparent) => {
        const sent = inject(extract({ traceparent }), {});
        if ('traceparent' in sent) expect(() => new Headers(sent as Record<string, string>)).not.toThrow();
      },
    ),
    { numRuns },
  );
});
