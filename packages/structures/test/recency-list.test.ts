import { RecencyList } from '@patterns/structures';
import fc from 'fast-check';

/** Oldest first. */
const slotsOf = (list: RecencyList): number[] => {
  const slots: number[] = [];
  for (let slot = list.oldest; slot !== 0; slot = list.newerThan(slot)) slots.push(slot);
  return slots;
};

test('hands out slots from 1, and those that were given back before new ones', () => {
  const list = new RecencyList(3);
  expect([list.oldest, list.add(), list.add(), list.add()]).toEqual([0, 1, 2, 3]);
  list.remove(2);
  expect(list.add()).toBe(2);
  expect(slotsOf(list)).toEqual([1, 3, 2]);
});

test('keeps the order of an array in which whatever is used goes to the end', () => {
  const step = fc.record({ act: fc.constantFrom('add', 'touch', 'remove'), pick: fc.nat() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.array(step, { maxLength: 100 }), (maxSize, steps) => {
      const list = new RecencyList(maxSize);
      const model: number[] = [];
      for (const { act, pick } of steps) {
        if (act === 'add') {
          if (model.length === maxSize) continue;
          const slot = list.add();
          expect(model).not.toContain(slot);
          expect(slot >= 1 && slot <= maxSize).toBe(true);
          model.push(slot);
        } else if (model.length > 0) {
          const [slot = 0] = model.splice(pick % model.length, 1);
          if (act === 'touch') model.push(slot);
          list[act](slot);
        }
        expect(slotsOf(list)).toEqual(model);
      }
    }),
    { numRuns: 1_000 },
  );
});
