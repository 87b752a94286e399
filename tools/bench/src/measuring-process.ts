import type { Area } from './area.ts';
import { measureArea, type MeasuredRow } from './measure-area.ts';
import type { MeasuringTask } from './run-area.ts';

export interface MeasuringResult {
  /** Version of Node. */
  readonly node: string;
  readonly rows: readonly MeasuredRow[];
}

// The loader that brings us TypeScript asks for source maps, which change what a stack costs; nobody has them in production.
process.setSourceMapsEnabled(false);

const { areaFile, measures, settings } = JSON.parse(process.argv[2] ?? '') as MeasuringTask;
const { default: area } = (await import(areaFile)) as { readonly default: Area };
const result: MeasuringResult = { node: process.version, rows: await measureArea(area, measures, settings) };
// Peers may hold timers that nobody can clear.
process.send?.(result, undefined, undefined, () => process.exit());
