import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { interruption } from './interruption.ts';
import { rehearse } from './rehearse.ts';
import { CommandError } from './run-command.ts';

const { values } = parseArgs({
  options: { package: { type: 'string', multiple: true, default: [] }, keep: { type: 'boolean', default: false } },
});

const signal = interruption();
try {
  const passed = await rehearse({
    workspaceRoot: join(import.meta.dirname, '../../..'),
    packages: values.package,
    keep: values.keep,
    signal,
    log: (line) => {
      console.log(line);
    },
  });
  process.exitCode = passed ? 0 : 1;
} catch (error) {
  if (signal.aborted) {
    console.error((signal.reason as Error).message);
    process.exitCode = 130;
  } else {
    // The stack of a program that failed is in its output, ours would say nothing.
    console.error(error instanceof CommandError ? error.message : error);
    process.exitCode = 1;
  }
}
