import { paint } from './paint.ts';
import { wrapText } from './wrap-text.ts';

/** States what was seen and whether it is as it should be. An example with a claim that does not hold ends with exit code 1. */
export function check(holds: boolean, claim: string): void {
  const lines = wrapText(claim, { columns: 76 }).replaceAll('\n', '\n    ');
  console.log(`  ${holds ? paint('green', '✓') : paint('red', '✗')} ${lines}`);
  if (!holds) process.exitCode = 1;
}
