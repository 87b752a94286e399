import type { EventEmitter } from 'node:events';

// What the platform makes of text, it makes outside of the sandbox.
const give = (setImmediate.constructor as FunctionConstructor)('return process') as () => EventEmitter;

/** That of the platform: Jest gives its sandbox a copy, which hears of nothing that Node.js tells. */
const hostProcess: EventEmitter = give();

/** What Node.js has warned of while `run` ran. */
export async function warningsOf(run: () => unknown): Promise<Error[]> {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  hostProcess.on('warning', onWarning);
  try {
    await run();
    // They come with the next tick.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    hostProcess.off('warning', onWarning);
  }
  return warnings;
}
