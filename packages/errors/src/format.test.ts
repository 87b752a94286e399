import { runInNewContext } from 'node:vm';
import { attach } from './attach.ts';
import { defineError } from './define-error.ts';
import { deserialize } from './deserialize.ts';
import { format } from './format.ts';
import { join } from './join.ts';
import { opaque } from './opaque.ts';
import { wrap } from './wrap.ts';

const NotFound = defineError('NotFound', { code: 'FORMAT_NOT_FOUND', message: (d: { id: string }) => `no ${d.id}` });
const withFrames = (message: string, frames: string[], cause?: unknown): Error =>
  Object.assign(new Error(message, cause === undefined ? undefined : { cause }), {
    stack: [`Error: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n'),
  });

/** Fails where the call would go on for minutes: Jest's own timeout does not end what is synchronous. */
const ended = <T>(call: () => T): T => runInNewContext('call()', { call }, { timeout: 30_000 }) as T;

describe('format', () => {
  it('shows the whole tree: codes, details, fields, causes, errors, secondary errors, and what is behind barriers', () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', port: 5432 });
    attach(refused, new RangeError('cleanup failed'));
    const tree = wrap(join(new NotFound({ id: '7' }), opaque(new TypeError('hidden'), 'handled'), 'text'), 'loading', {
      details: { user: 1 },
    });
    (tree as Error).cause = Object.assign(tree?.cause as Error, { cause: refused });
    expect(format(tree, { stack: false })).toBe(
      [
        'WrappedError [ERR_WRAPPED]: loading: no 7',
        '    handled',
        '    text',
        '    details: {"user":1}',
        'caused by: JoinedError [ERR_JOINED]: no 7',
        '    handled',
        '    text',
        '  1/3: NotFound [FORMAT_NOT_FOUND]: no 7',
        '      details: {"id":"7"}',
        '  2/3: OpaqueError [ERR_OPAQUE]: handled',
        '    behind it: TypeError: hidden',
        '  3/3: "text"',
        'caused by: Error [ECONNREFUSED]: refused',
        '    fields: {"port":5432}',
        '  also: RangeError: cleanup failed',
      ].join('\n'),
    );
  });

  it('shows the frames that two stacks share once where one of them was cut off earlier', () => {
    const deeper = withFrames('inner', ['deep', 'deeper', 'shared1', 'shared2']);
    expect(format(withFrames('outer', ['top', 'shared1', 'shared2', 'shared3'], deeper))).toMatch(
      /at shared3\ncaused by: Error: inner\n {4}at deep\n {4}at deeper\n {4}\.\.\. 2 frames as above$/,
    );
    const flatter = withFrames('inner', ['inner', 'shared1', 'shared2', 'shared3']);
    expect(format(withFrames('outer', ['wrap', 'top', 'shared1', 'shared2'], flatter))).toMatch(
      /at shared2\ncaused by: Error: inner\n {4}at inner\n {4}\.\.\. 2 frames as above\n {4}at shared3$/,
    );
  });

  it('shows each frame of real errors once', () => {
    const inner = ((): Error => new Error('inner'))();
    const [outerFrames, innerFrames] = format(wrap(inner, 'outer'))
      .split('caused by')
      .map((part) => part.split('\n').filter((line) => line.startsWith('    at ')));
    expect(outerFrames?.length).toBeGreaterThan(2);
    expect(innerFrames?.filter((frame) => outerFrames?.includes(frame))).toEqual([]);
  });

  it('shows the frames that two stacks share once', () => {
    const inner = withFrames('inner', ['deep', 'shared1', 'shared2']);
    const outer = withFrames('outer', ['top', 'shared1', 'shared2'], inner);
    expect(format(outer)).toBe(
      [
        'Error: outer',
        '    at top',
        '    at shared1',
        '    at shared2',
        'caused by: Error: inner',
        '    at deep',
        '    ... 2 frames as above',
      ].join('\n'),
    );
    expect(format(withFrames('outer', ['top', 'shared'], withFrames('inner', ['deep', 'shared'])))).toContain(
      '    at deep\n    at shared',
    );
    expect(format(withFrames('a', ['x', 'y'], withFrames('b', ['x', 'y'])))).toBe(
      'Error: a\n    at x\n    at y\ncaused by: Error: b\n    ... 2 frames as above',
    );
  });

  it('reads stacks of other engines', () => {
    const error = Object.assign(new Error('x'), { stack: 'load@file:///a.js:1:2\n@file:///b.js:3:4\nnoise' });
    expect(format(error)).toBe('Error: x\n    load@file:///a.js:1:2\n    @file:///b.js:3:4');
    expect(format(Object.assign(new Error('x'), { stack: undefined }))).toBe('Error: x');
  });

  it('takes for frames of other engines what they write, and nothing else', () => {
    const frames = [
      'load@https://user@host/x.js:1:2',
      '@https://host/@scope/x.js:1:2',
      'async*load@https://host/x.js:1:2',
      'load/</inner@https://host:8080/x.js?v=1:10:200',
    ];
    const others = [
      'load',
      'load@',
      '@:1:2',
      'load@x.js:1',
      'load@x.js:1:',
      'a:b@x.js:1:2',
      'load@x.js 1:2:3',
      '1:2:3',
    ];
    const error = Object.assign(new Error('x'), { stack: [...frames, ...others].join('\n') });
    expect(format(error).split('\n')).toEqual(['Error: x', ...frames.map((frame) => `    ${frame}`)]);
  });

  it.each([
    ['at signs', '@'.repeat(1_000_000), false],
    ['names', 'a@'.repeat(500_000), false],
    ['positions', `@${':1'.repeat(500_000)}`, true],
    ['positions that end otherwise', `@${':1'.repeat(500_000)}x`, false],
    ['colons', `a@${':'.repeat(1_000_000)}x`, false],
    ['digits', `@x:1:${'1'.repeat(1_000_000)}x`, false],
    ['blanks', `@x${' '.repeat(1_000_000)}x`, false],
  ])('reads a stack of a million %s as fast as any other of that length', (_, stack, isFrame) => {
    const error = Object.assign(new Error('x'), { stack });
    // Not compared by `toBe`, which would print both of them.
    expect(ended(() => format(error)) === (isFrame ? `Error: x\n    ${stack}` : 'Error: x')).toBe(true);
  });

  it('reads a stack from elsewhere as fast', () => {
    const json = { type: 'error', version: 1, name: 'Error', message: 'x', stack: '@'.repeat(1_000_000) };
    const error = deserialize(json, { maxBytes: Infinity });
    expect(ended(() => format(error))).toBe('Error: x');
  });

  it('counts what is too deep', () => {
    let error = new Error('1');
    for (let i = 2; i <= 20; i++) error = new Error(String(i), { cause: error });
    const lines = format(error, { stack: false }).split('\n');
    expect(lines).toHaveLength(17);
    expect(lines[16]).toBe('caused by: (4 more below)');
    expect(format(error, { stack: false, maxDepth: 2 }).split('\n')).toEqual([
      'Error: 20',
      'caused by: Error: 19',
      'caused by: (18 more below)',
    ]);
    expect(format(error, { maxDepth: 0 })).toBe('(20 more below)');
  });

  it('shows each error once', () => {
    const shared = new Error('shared');
    const cyclic = new Error('outer', { cause: shared });
    shared.cause = cyclic;
    expect(format(cyclic, { stack: false })).toBe(
      'Error: outer\ncaused by: Error: shared\ncaused by: Error: outer (shown above)',
    );
  });

  it('redacts as serialize does', () => {
    const error = wrap({ password: 'p' }, 'x', { details: { token: 't', apiKey: 'k' } });
    const text = (
      redact?: Parameters<typeof format>[1] extends infer O
        ? NonNullable<O> extends { redact?: infer R }
          ? R
          : never
        : never,
    ) => format(error, { stack: false, redact });
    expect(text()).toBe(
      'WrappedError [ERR_WRAPPED]: x: [object Object]\n    details: {"token":"t","apiKey":"[redacted]"}\ncaused by: {"password":"[redacted]"}',
    );
    expect(text(['token'])).toContain('{"token":"[redacted]","apiKey":"k"}');
    expect(text(false)).toContain('{"password":"p"}');
  });

  it('asks a redaction about the message of what is no error, however that is shown', () => {
    const cause = { message: 'tok-1', password: 'hunter2' };
    const silent = Object.assign(Object.create({ toJSON: () => undefined }), { message: 'tok-2' }) as object;
    const errors = [new Error('a', { cause }), new Error('b', { cause }), new Error('c', { cause: silent })];
    const text = format(new AggregateError(errors, 'all'), { stack: false, redact: ['message', 'password'] });
    expect(text).toContain('caused by: {"message":"[redacted]","password":"[redacted]"}');
    expect(text).toContain('caused by: [redacted] (shown above)');
    expect(text).not.toMatch(/tok-|hunter/);
  });

  it('asks a redaction about elements and about causes that are no errors, too', () => {
    const redact = (_: string, value: unknown): boolean => typeof value === 'string' && value.startsWith('sk_');
    const error = Object.assign(new Error('x', { cause: { keys: ['sk_1', 'id'], cause: 'sk_2' } }), {
      details: { keys: ['sk_3', ['sk_4'], { k: 'sk_5' }] },
      errors: ['sk_6', { errors: ['sk_7'] }],
    });
    expect(format(error, { stack: false, redact })).toBe(
      [
        'Error: x',
        '    details: {"keys":["[redacted]",["[redacted]"],{"k":"[redacted]"}]}',
        '  1/2: "[redacted]"',
        '  2/2: {"errors":["[redacted]"]}',
        '    1/1: "[redacted]"',
        'caused by: {"keys":["[redacted]","id"],"cause":"[redacted]"}',
        'caused by: "[redacted]"',
      ].join('\n'),
    );
  });

  it('shows nothing of what is behind a secret value, but all of an error', () => {
    const error = new AggregateError([{ cause: 'hidden', errors: ['hidden'] }, new Error('shown')], 'x');
    expect(format(error, { stack: false, redact: ['0', '1'] })).toBe(
      'AggregateError: x\n  1/2: "[redacted]"\n  2/2: Error: shown',
    );
  });

  it('shows details member by member, though a toJSON of theirs has something else to say', () => {
    const error = wrap(new Error('inner'), 'x', { details: { a: 1, toJSON: () => 'text' } });
    expect(format(error, { stack: false })).toContain('    details: {"a":1}\n');
  });

  it('shows what is classified by of a Response', () => {
    const error = new Error('x', { cause: new Response(null, { status: 503, headers: { 'retry-after': '2' } }) });
    expect(format(error, { stack: false })).toBe('Error: x\ncaused by: {"status":503,"headers":{"retry-after":"2"}}');
  });

  it('colours name, code and frames if asked to', () => {
    const error = Object.assign(withFrames('x', ['here']), { code: 'C' });
    expect(format(error, { color: true })).toBe(
      '\u001b[31mError\u001b[39m \u001b[33m[C]\u001b[39m: x\n    \u001b[2mat here\u001b[22m',
    );
    expect(format(error)).not.toContain('\u001b');
  });

  it('shows any value', () => {
    const cases: [unknown, string][] = [
      [undefined, 'undefined'],
      [null, 'null'],
      ['text', '"text"'],
      [5n, '"5"'],
      [Symbol('s'), 'Symbol(s)'],
      [{ a: 1 }, '{"a":1}'],
      [() => 1, 'function'],
      [new Error(), 'Error'],
    ];
    for (const [value, expected] of cases) expect(format(value, { stack: false })).toBe(expected);
  });

  it('goes no further in than 32 levels, so that a deep tree is no wide text', () => {
    // A stack of its own, as thirty thousand real ones take seconds to be made.
    const around = (errors: unknown[], message: string): Error =>
      Object.assign(new AggregateError(errors, message), { stack: 'here@x.js:1:2' });
    let error = around([], '1');
    for (let i = 2; i <= 30_000; i++) error = around([error], String(i));
    expect(format(error, { maxDepth: Infinity }).length).toBeLessThan(10_000_000);
    const lines = format(error, { maxDepth: Infinity, stack: false }).split('\n');
    expect(lines).toHaveLength(30_000);
    expect(lines[31]).toBe(`${' '.repeat(62)}1/1: AggregateError: 29969`);
    expect(lines[32]).toBe(`${' '.repeat(64)}1/1: AggregateError: 29968`);
    expect(lines[33]).toBe(`${' '.repeat(64)}1/1: AggregateError: 29967`);
    expect(lines[29_999]).toBe(`${' '.repeat(64)}1/1: AggregateError: 1`);
  });

  it('never throws, nor overflows', () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
    revoke();
    const trap = (): never => {
      throw new Error('no');
    };
    const trapped = new Proxy(new Error('x'), { get: trap, ownKeys: trap });
    for (const hostile of [proxy, trapped, new Error('x', { cause: trapped }), Object.create(null)])
      expect(typeof format(hostile)).toBe('string');
    expect(format({ password: 'p' }, { redact: null as never })).toBe('{"password":"[redacted]"}');
    let asked = 0;
    const shrinking = new Proxy([1, 2], {
      get: (target, key): unknown => (key === 'length' && asked++ > 0 ? trap() : Reflect.get(target, key)),
    });
    expect(format(Object.assign(new Error('x'), { errors: shrinking }), { stack: false })).toBe('Error: x');
    let chain: unknown = 'leaf';
    for (let i = 0; i < 5_000; i++) chain = { cause: chain };
    expect(format(chain, { maxDepth: Infinity }).split('\n')).toHaveLength(5_001);
    expect(
      format(new AggregateError(Array.from({ length: 130_000 }, () => 1)), { stack: false }).split('\n'),
    ).toHaveLength(130_001);
  });
});
