import { relative } from 'node:path';

export interface Origin {
  /** Lines of a stack, innermost first, without those of the runtime and of libraries. */
  readonly origin: readonly string[];
  /** Node made it for its own bookkeeping: `fetch` leaves a listener on a signal until the request is collected. */
  readonly byRuntime: boolean;
}

/** Where something was made, for the eyes of whoever has to fix it. */
export function originOf(stack: string): Origin {
  const frames = stack
    .split('\n')
    .map((line) => line.trim())
    // An emitter stands between whoever adds a listener and whoever is told.
    .filter((line) => line.startsWith('at ') && !line.includes('node:events'));
  return {
    origin: frames
      .filter((frame) => !/node:|node_modules|<anonymous>\)/.test(frame))
      .slice(0, 4)
      .map((frame) =>
        frame.replace(/(?:file:\/\/)?(\/[^():]+)/, (_match, path: string) => relative(process.cwd(), path)),
      ),
    byRuntime: frames[0]?.includes('node:') ?? false,
  };
}
