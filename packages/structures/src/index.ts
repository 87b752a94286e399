export { BinaryHeap, type HeapEntry } from './binary-heap.ts';
export { LogHistogram, type DurationSummary } from './log-histogram.ts';
export { LruMap, type EvictionReason, type LruMapOptions } from './lru-map.ts';
export { RecencyList } from './recency-list.ts';
export { RingBuffer, type RingBufferOptions } from './ring-buffer.ts';
export {
  WaitQueue,
  type QueuedWaiter,
  type WaitQueueOptions,
  type WaitQueueWaitOptions,
  type WaitRefusal,
} from './wait-queue.ts';
