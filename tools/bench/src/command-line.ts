import { parseArgs } from 'node:util';

import type { Settings } from './measure-area.ts';

export interface CommandLine {
  /** Empty: all. */
  readonly areas: readonly string[];
  /** A smoke run: a few short rounds, and RESULTS.md stays as it is. */
  readonly quick: boolean;
  readonly build: boolean;
  /** The binary to measure with. */
  readonly node: string;
  readonly settings: Settings;
}

export const usage = `npm run bench -- [options] [area ...]

  --quick        a few short rounds, to see that it runs; does not write RESULTS.md
  --rounds N     21 unless told
  --seed N       of the order of the contenders in each round; 1 unless told
  --node PATH    measure with another Node binary
  --no-build     the packages are built already`;

/** @throws {TypeError} for what it does not know */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      node: { type: 'string', default: process.execPath },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  return {
    areas: positionals,
    quick,
    build: !values['no-build'],
    node: values.node,
    settings: {
      rounds: integer('--rounds', values.rounds ?? (quick ? '3' : '21'), 1),
      roundMs: quick ? 0.5 : 5,
      seed: integer('--seed', values.seed, 0),
    },
  };
}

function integer(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new TypeError(`${option} takes an integer from ${least}, not ${text}`);
  }
  return value;
}
