export { failOnLeaks, type FailOnLeaksOptions } from './fail-on-leaks.ts';
export { collectGarbage, heapPerOperation, type HeapPerOperationOptions } from './heap-per-operation.ts';
export { recordDiagnostics, type DiagnosticsRecord, type DiagnosticsRecorder } from './record-diagnostics.ts';
export { seeded, seededRandom, type SeededRandom } from './seeded-random.ts';
export { installTimersOnlyFake, type TimersOnlyFake } from './timers-only-fake.ts';
export { track } from './track.ts';
