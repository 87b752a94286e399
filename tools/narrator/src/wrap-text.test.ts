import fc from 'fast-check';
import { wrapText } from './wrap-text.ts';

const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 60 });

describe('wrapText', () => {
  it('keeps every word in order and no line over the limit', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 16, max: 100 }), (text, columns) => {
        const lines = wrapText(text.join(' '), { columns, indent: '  ' }).split('\n');
        expect(lines.every((line) => line.startsWith('  ') && line.length <= columns)).toBe(true);
        expect(lines.map((line) => line.trim()).join(' ')).toBe(text.join(' '));
      }),
      { numRuns: 1_000 },
    );
  });

  it('breaks no line that could have been longer', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 16, max: 100 }), (text, columns) => {
        const lines = wrapText(text.join(' '), { columns }).split('\n');
        for (const [index, line] of lines.slice(0, -1).entries()) {
          const nextWord = lines[index + 1]?.split(' ')[0] ?? '';
          expect(`${line} ${nextWord}`.length).toBeGreaterThan(columns);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives a word that is longer than a line a line of its own', () => {
    expect(wrapText('a incomprehensibilities b', { columns: 10 })).toBe('a\nincomprehensibilities\nb');
  });
});
