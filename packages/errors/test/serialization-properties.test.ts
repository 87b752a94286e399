import fc from 'fast-check';
import {
  classify,
  deserialize,
  PatternError,
  serialize,
  wrap,
  type SerializedError,
  type SerializeOptions,
} from '@patterns/errors';

const wire = (error: unknown, options?: SerializeOptions): SerializedError =>
  JSON.parse(JSON.stringify(serialize(error, options))) as SerializedError;
/** What a `toJSON` may say instead of the members. */
const toJSON = fc
  .constantFrom<unknown>(undefined, null, 'text', [1], { other: 1 })
  .map((said) => (said === undefined ? undefined : (): unknown => said));
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('serialize', () => {
  it('stays within the bytes, whatever is in the error', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        anything,
        anything,
        fc.array(anything),
        fc.integer({ min: 400, max: 2_000 }),
        toJSON,
        (message, members, cause, list, maxBytes, toJSON) => {
          const details = typeof members === 'object' && toJSON !== undefined ? { ...members, toJSON } : members;
          const error = Object.assign(new AggregateError(list, message, { cause }), { details, text: message });
          const made = serialize(error, { maxBytes, stack: true });
          expect(sizeOf(made)).toBeLessThanOrEqual(maxBytes);
          expect(JSON.parse(JSON.stringify(made))).toEqual(made);
          expect(() => deserialize(made, { maxBytes })).not.toThrow();
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('a round trip', () => {
  it('loses nothing of a tree of errors when nothing is redacted', () => {
    const json = fc.jsonValue({ maxDepth: 2 });
    const record = fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      json,
      { maxKeys: 3 },
    );
    const { error } = fc.letrec<{ error: Error }>((tie) => ({
      error: fc
        .record({
          message: fc.string(),
          code: fc.option(fc.constantFrom('A', 'B', 'ECONNRESET'), { nil: undefined }),
          details: fc.option(
            fc.tuple(record, toJSON).map(([members, toJSON]) => ({ ...members, ...(toJSON && { toJSON }) })),
            { nil: undefined },
          ),
          cause: fc.option(
            fc.oneof(
              { maxDepth: 4 },
              json.filter((value) => value !== null),
              tie('error'),
            ),
            { nil: undefined },
          ),
          errors: fc.option(fc.array(tie('error'), { maxLength: 3 }), {
            nil: undefined,
            depthIdentifier: 'tree',
            maxDepth: 3,
          }),
          type: fc.constantFrom('plain', 'pattern', 'wrapped', 'foreign', 'answered'),
        })
        .map(({ message, code, details, cause, errors, type }): Error => {
          const options = cause === undefined ? {} : { cause };
          if (type === 'wrapped') return wrap(cause ?? 'x', message, { details });
          const made =
            type === 'pattern'
              ? new PatternError(message, { ...options, code, policy: 'p', retryAfterMs: 5 })
              : errors !== undefined
                ? new AggregateError(errors, message, options)
                : new Error(message, options);
          if (type === 'foreign' || type === 'answered') made.name = 'ForeignError';
          if (type === 'answered') {
            Object.assign(made, { response: { status: 409, headers: { 'retry-after': `${message.length}` } } });
          }
          return Object.assign(made, details === undefined ? {} : { details }, code === undefined ? {} : { code });
        }),
    }));
    const limits = { maxDepth: 64, maxBytes: Infinity };
    fc.assert(
      fc.property(error, (original) => {
        const first = wire(original, { ...limits, redact: false, stack: true });
        const back = deserialize(first, limits);
        expect(wire(back, { ...limits, redact: false, stack: true })).toEqual(first);
        expect(classify(back)).toEqual(classify(original));
        expect(JSON.stringify(first)).not.toContain('"truncated":true');
      }),
      { numRuns: 1_000 },
    );
  });
});
