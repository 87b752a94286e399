import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { rehearse } from './rehearse.ts';
import { CommandError } from './run-command.ts';

const { values } = parseArgs({
  options: { package: { type: 'string', multiple: true, default: [] }, keep: { type: 'boolean', default: false } },
});

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Every time, not once: a second Ctrl-C must not cut the cleaning short.
  process.on(signal, () => {
    interrupted.abort(new Error(`interrupted by ${signal}`));
  });
}

try {
  const passed = await rehearse({
    workspaceRoot: join(import.meta.dirname, '../../..'),
    packages: values.package,
    keep: values.keep,
    signal: interrupted.signal,
    log: (line) => {
      console.log(line);
    },
  });
  if (!passed) process.exitCode = 1;
} catch (error) {
  if (interrupted.signal.aborted) {
    console.error((interrupted.signal.reason as Error).message);
    process.exitCode = 130;
  } else {
    // The stack of a program that failed is in its output, ours would say nothing.
    console.error(error instanceof CommandError ? error.message : error);
    process.exitCode = 1;
  }
}
