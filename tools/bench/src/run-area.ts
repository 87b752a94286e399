import { fork } from 'node:child_process';
import { once } from 'node:events';

import type { Measure } from './area.ts';
import { heapFlags } from './measure-heap.ts';
import type { Settings } from './measure-area.ts';
import type { MeasuringResult } from './measuring-process.ts';

/** What a measuring process is told. */
export interface MeasuringTask {
  /** URL of a module whose default export is an area. */
  readonly areaFile: string;
  readonly measures: readonly Measure[];
  readonly settings: Settings;
}

/** Measures an area in processes of its own: one for time, and one for heap, which needs other flags. */
export async function runArea(areaFile: string, node: string, settings: Settings): Promise<MeasuringResult> {
  const time = await measureIn(node, [], { areaFile, measures: ['time'], settings });
  const heap = await measureIn(node, heapFlags, { areaFile, measures: ['allocated', 'retained'], settings });
  return { node: time.node, rows: [...time.rows, ...heap.rows].sort((a, b) => a.position - b.position) };
}

async function measureIn(node: string, flags: readonly string[], task: MeasuringTask): Promise<MeasuringResult> {
  const child = fork(new URL('./measuring-process.ts', import.meta.url), [JSON.stringify(task)], {
    execPath: node,
    execArgv: [...flags, '--import', 'tsx'],
  });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`${task.areaFile} ended with exit code ${String(code)} and no result`);
  });
  const [result] = (await Promise.race([once(child, 'message'), exited])) as [MeasuringResult];
  return result;
}
