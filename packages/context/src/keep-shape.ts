const specimens: object[] = [];

/**
 * Keeps one object of a class whose objects live no longer than a call. Of a shape (V8: map, or hidden class) that no object has when everything is collected, V8
 * forgets all, and discards the code that was optimized for it: the next thousands of calls would take several times as long. What matters is the
 * fields and their order, and that one which will hold fractions holds none of the small integers.
 * @see https://v8.dev/docs/hidden-classes
 */
export function keepShape(specimen: object): void {
  specimens.push(specimen);
}
