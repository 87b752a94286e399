export { BinaryHeap, type HeapEntry } from './binary-heap.ts';
export { LogHistogram, type DurationSummary } from './log-histogram.ts';
export { RingBuffer, type RingBufferOptions } from './ring-buffer.ts';
