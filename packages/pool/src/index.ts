export type { PoolDiagnostics, RefusedEvent } from './diagnostics.ts';
export { Pool, type PoolOptions } from './pool.ts';
export { PoolRefusedError } from './pool-refused-error.ts';
