import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colour on a terminal, plain text in a pipe; `NO_COLOR` and `FORCE_COLOR` decide where they are set. */
export function paint(style: Style, text: string): string {
  return hasColor() ? styleText(style, text, { validateStream: false }) : text;
}

function hasColor(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return process.stdout.isTTY;
}
