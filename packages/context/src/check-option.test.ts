import {
  checkCallback,
  checkFunction,
  checkMs,
  checkNumber,
  checkOneOf,
  checkSize,
  checkText,
} from './check-option.ts';

const calling =
  <A extends unknown[]>(check: (...args: A) => void, ...args: A) =>
  (): void => {
    check(...args);
  };

describe('checks of options', () => {
  it('let through what is right', () => {
    checkFunction('fn', () => undefined);
    checkCallback('fn', undefined);
    checkCallback('fn', () => undefined);
    checkText('name', undefined);
    checkText('name', '');
    checkOneOf('order', 'down', ['up', 'down']);
    checkNumber('n', NaN, true, 'anything');
    for (const ms of [0, 0.5, Infinity]) checkMs('ms', ms);
    for (const size of [2, 3, Infinity]) checkSize('size', size, 2);
  });

  it.each([
    ['no function', calling(checkFunction, 'fn', undefined), 'fn must be a function, got undefined'],
    ['no callback', calling(checkCallback, 'fn', null), 'fn must be a function, got null'],
    ['no text', calling(checkText, 'name', 5), 'name must be a string, got 5'],
    ['none of these', calling(checkOneOf, 'order', 'left', ['up', 'down']), `order must be 'up' or 'down', got "left"`],
    ['no number', calling(checkNumber, 'n', '5' as never, true, 'above 0'), 'n must be a number, above 0, got "5"'],
    ['no time', calling(checkMs, 'ms', '5' as never), 'ms must be a number, at least 0, got "5"'],
    ['no size', calling(checkSize, 'n', [] as never, 1), /^n must be a number, an integer of at least 1, .*an array$/],
  ])('throw a TypeError for %s', (_, check, message) => {
    expect(check).toThrow(TypeError);
    expect(check).toThrow(message);
  });

  it.each([
    ['a number', calling(checkNumber, 'n', 0, false, 'above 0'), 'n must be above 0, got 0'],
    ['a time', calling(checkMs, 'ms', NaN), 'ms must be at least 0, got NaN'],
    ['a size', calling(checkSize, 'n', 0, 1), 'n must be an integer of at least 1, or Infinity, got 0'],
    ['a part', calling(checkSize, 'n', 1.5, 1), 'n must be an integer of at least 1, or Infinity, got 1.5'],
  ])('throw a RangeError for %s out of range', (_, check, message) => {
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });
});
