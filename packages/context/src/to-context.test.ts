import { background } from './background.ts';
import { withCancel } from './cancel-context.ts';
import { shown } from './shown.ts';
import { checkCancellation, fromSignal, isContext, toContext } from './to-context.ts';

/** A context of somebody else, by shape. */
const members = {
  signal: new AbortController().signal,
  deadline: undefined,
  done: false,
  err: undefined,
  cause: undefined,
  remaining: () => Infinity,
  value: () => undefined,
  throwIfDone: () => undefined,
};
const without = (member: string): object =>
  Object.fromEntries(Object.entries(members).filter(([name]) => name !== member));

const neither: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a text', 'signal'],
  ['a function', () => undefined],
  ['an empty object', {}],
  ['half a signal', { aborted: false }],
  ['the other half', { addEventListener: () => undefined }],
  ...Object.keys(members).map((member) => [`a context without ${member}`, without(member)] as const),
];

describe('what is a context', () => {
  it('is told by its members', () => {
    expect([withCancel(), background(), members].map(isContext)).toEqual([true, true, true]);
    expect(toContext(members as never)).toBe(members);
    expect(toContext(undefined)).toBe(background());
    for (const value of [undefined, withCancel(), members, members.signal]) {
      expect(() => {
        checkCancellation(value, 'until');
      }).not.toThrow();
    }
  });

  it.each(neither)('is not %s', (_, value) => {
    const got = shown(value);
    expect(isContext(value)).toBe(false);
    expect(() => {
      checkCancellation(value, 'until');
    }).toThrow(new TypeError(`until must be an AbortSignal or a Context or undefined, got ${got}`));
    expect(() => toContext(value as never)).toThrow(
      new TypeError(`signal must be an AbortSignal or a Context or undefined, got ${got}`),
    );
    expect(() => fromSignal(value as never)).toThrow(new TypeError(`signal must be an AbortSignal, got ${got}`));
  });
});
