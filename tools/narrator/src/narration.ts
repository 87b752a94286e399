import { paint } from './paint.ts';
import { wrapText } from './wrap-text.ts';

/** A new part of the story. */
export function scene(title: string): void {
  console.log(`\n${paint('bold', wrapText(title))}`);
}

/** What is going on, in prose. */
export function say(text: string): void {
  console.log(wrapText(text, { indent: '  ' }));
}

/** What the reader should see next. */
export function youShouldSee(text: string): void {
  console.log(paint('dim', wrapText(`You should see: ${text}`, { indent: '  ' })));
}

/** Something that happened `ms` after the scene began. */
export function at(ms: number, text: string): void {
  const time = `${String(Math.round(ms)).padStart(6)} ms  `;
  console.log(
    paint('cyan', time) +
      wrapText(text, { columns: 80 - time.length }).replaceAll('\n', `\n${' '.repeat(time.length)}`),
  );
}
