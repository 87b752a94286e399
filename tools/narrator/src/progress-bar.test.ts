import { ProgressBar } from './progress-bar.ts';

function draw(total: number, steps: number, isTTY: boolean): string {
  let output = '';
  {
    using bar = new ProgressBar(total, { isTTY, write: (text) => (output += text) });
    for (let step = 0; step < steps; step++) bar.advance();
  }
  return output;
}

describe('a progress bar', () => {
  it('is a line for each quarter in a pipe', () => {
    expect(draw(300, 300, false).split('\n')).toEqual([
      `  ${'█'.repeat(10)}${'░'.repeat(30)}  75 of 300`,
      `  ${'█'.repeat(20)}${'░'.repeat(20)} 150 of 300`,
      `  ${'█'.repeat(30)}${'░'.repeat(10)} 225 of 300`,
      `  ${'█'.repeat(40)} 300 of 300`,
      '',
    ]);
  });

  it('is a line for each step where there are fewer than four', () => {
    expect(draw(3, 3, false).match(/\d of 3/g)).toEqual(['1 of 3', '2 of 3', '3 of 3']);
  });

  it('is one line of a terminal, written over at each step and left at the end', () => {
    const output = draw(300, 200, true);
    expect(output.split('\n')).toHaveLength(2);
    expect(output.endsWith('200 of 300\n')).toBe(true);
    const states = output.trimEnd().split('\r').slice(1);
    expect(states).toHaveLength(200);
    // The same length each time: nothing of the state before is left.
    expect(new Set(states.map((state) => state.length)).size).toBe(1);
  });

  it.each([true, false])('has no escape codes and at most 80 columns, on a terminal: %s', (isTTY) => {
    const output = draw(100_000, 30_000, isTTY);
    expect(output).not.toContain('\u001b');
    expect(Math.max(...output.split(/[\r\n]/).map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says nothing when nothing was done', () => {
    expect(draw(300, 0, true) + draw(300, 0, false)).toBe('');
  });
});
