import { failOnLeaks } from './fail-on-leaks.ts';
import { until } from './until.ts';

failOnLeaks();

describe('until', () => {
  it.each<[string, (turns: number) => boolean | Promise<boolean>]>([
    ['at once', (turns) => turns === 3],
    ['later', (turns) => Promise.resolve(turns === 3)],
  ])('turns the event loop until it is told %s that it is so', async (_when, isSo) => {
    let turns = 0;
    const turn = (): void => {
      turns++;
      if (turns < 3) setImmediate(turn);
    };
    setImmediate(turn);
    await until(() => isSo(turns));
    expect(turns).toBe(3);
  });

  it('does not turn it where it is so already', async () => {
    let hasTurned = false;
    const turn = new Promise<void>((resolve) => {
      setImmediate(() => {
        hasTurned = true;
        resolve();
      });
    });
    await until(() => true);
    expect(hasTurned).toBe(false);
    await turn;
  });

  it('gives up after half a minute', async () => {
    const now = jest
      .spyOn(performance, 'now')
      .mockReturnValueOnce(0)
      .mockReturnValueOnce(30_000)
      .mockReturnValue(30_001);
    let asked = 0;
    try {
      await expect(until(() => ++asked < 0)).rejects.toThrow('it has not come to that in 30 s');
    } finally {
      now.mockRestore();
    }
    expect(asked).toBe(2);
  });

  it('rejects with what asking throws', async () => {
    await expect(
      until(() => {
        throw new RangeError('no such path');
      }),
    ).rejects.toThrow('no such path');
  });
});
