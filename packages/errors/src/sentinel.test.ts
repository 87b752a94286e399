import { is } from './is.ts';
import { isSentinel, sentinel } from './sentinel.ts';
import { defineError } from './define-error.ts';
import { wrap } from './wrap.ts';

describe('sentinel', () => {
  it('is compared by identity: two of the same text are different', () => {
    const [one, other] = [sentinel('stopped'), sentinel('stopped')];
    expect(is(wrap(one, 'loop'), one)).toBe(true);
    expect(is(wrap(one, 'loop'), other)).toBe(false);
  });

  it('has no stack, and no code unless one is given', () => {
    const stopped = sentinel('stopped');
    expect(stopped.stack).toBe('Error: stopped');
    expect(Object.keys(stopped)).toEqual([]);
    expect(isSentinel(stopped)).toBe(true);
    expect(isSentinel(new Error('stopped'))).toBe(false);
  });

  it('with a code is the same object each time', () => {
    const eof = sentinel('end of file', { code: 'SENTINEL_EOF' });
    expect(eof.code).toBe('SENTINEL_EOF');
    expect(sentinel('end of file', { code: 'SENTINEL_EOF' })).toBe(eof);
  });

  it('refuses a code that is taken by another message or by a class', () => {
    sentinel('one', { code: 'SENTINEL_ONE' });
    expect(() => sentinel('two', { code: 'SENTINEL_ONE' })).toThrow(
      new TypeError("code 'SENTINEL_ONE' is taken by a sentinel, 'one'"),
    );
    defineError('Taken', { code: 'SENTINEL_CLASS' });
    expect(() => sentinel('Taken', { code: 'SENTINEL_CLASS' })).toThrow(TypeError);
  });

  it('restores the stack limit', () => {
    const before = Error.stackTraceLimit;
    sentinel('quiet');
    expect(Error.stackTraceLimit).toBe(before);
  });
});
