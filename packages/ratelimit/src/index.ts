export type { RatelimitDiagnostics, RefusedEvent } from './diagnostics.ts';
export { Ratelimit, type RatelimitOptions } from './ratelimit.ts';
export { RatelimitRefusedError } from './ratelimit-refused-error.ts';
