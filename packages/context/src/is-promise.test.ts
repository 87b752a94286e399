import { runInNewContext } from 'node:vm';
import { isPromise } from './is-promise.ts';

describe('isPromise', () => {
  it.each<[string, unknown, boolean]>([
    ['a promise', Promise.resolve(), true],
    ['one of a class', new (class extends Promise<void> {})(() => undefined), true],
    ['one of another realm', runInNewContext('Promise.resolve()'), true],
    ['a thenable', { then: () => undefined }, false],
    ['a function', () => undefined, false],
    ['null', null, false],
    ['a text', 'Promise', false],
  ])('knows %s', (_, value, answer) => {
    expect(isPromise(value)).toBe(answer);
  });

  it('asks nothing that may start something, or throw', () => {
    const asked = jest.fn();
    expect(isPromise(Object.defineProperty({}, 'then', { get: asked }))).toBe(false);
    expect(asked).not.toHaveBeenCalled();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(isPromise(proxy)).toBe(false);
  });
});
