import type { Area, Measure, Row } from './area.ts';
import type { Contender } from './contender.ts';
import { measureAllocated, measureRetained } from './measure-heap.ts';
import { measureTime } from './measure-time.ts';
import { seededRandom } from './shuffle.ts';
import { pairedRatios, summarize, type Summary } from './statistics.ts';
import type { Samples, Verdict } from './target.ts';

export interface Settings {
  readonly rounds: number;
  readonly roundMs: number;
  /** Of the order of the contenders in each round. */
  readonly seed: number;
}

export interface MeasuredContender {
  readonly name: string;
  /** Nanoseconds or bytes. */
  readonly cost: Summary;
  /** Times the limit. */
  readonly ratio: Summary | undefined;
}

export interface MeasuredRow {
  /** In the area. */
  readonly position: number;
  readonly work: string;
  readonly measure: Measure;
  readonly limit: MeasuredContender | undefined;
  readonly ours: MeasuredContender;
  readonly peers: readonly MeasuredContender[];
  readonly verdicts: readonly Verdict[];
}

/** The rows of an area whose measure is one of these. */
export async function measureArea(
  area: Area,
  measures: readonly Measure[],
  settings: Settings,
): Promise<MeasuredRow[]> {
  const random = seededRandom(settings.seed);
  const measured: MeasuredRow[] = [];
  for (const [position, row] of area.rows.entries()) {
    if (!measures.includes(row.measure)) continue;
    const samples = await sample(row, settings, random);
    const describe = (name: string, values: readonly number[]): MeasuredContender => ({
      name,
      cost: summarize(values),
      ratio: samples.limit && summarize(pairedRatios(values, samples.limit)),
    });
    measured.push({
      position,
      work: row.work,
      measure: row.measure,
      limit: samples.limit && describe('limit', samples.limit),
      ours: describe('ours', samples.ours),
      peers: [...samples.peers].map(([name, values]) => describe(name, values)),
      verdicts: row.target.judge(samples),
    });
  }
  return measured;
}

async function sample(row: Row, settings: Settings, random: () => number): Promise<Samples> {
  const { roundMs } = settings;
  const rounds = Math.min(settings.rounds, row.maxRounds);
  const contenders = new Map<string, Contender>(Object.entries(row.peers));
  contenders.set('ours', row.ours);
  if (row.limit !== undefined) contenders.set('limit', row.limit);

  const samples =
    row.measure === 'time'
      ? await measureTime(contenders, { rounds, roundMs, random })
      : await measureHeap(contenders, row.measure === 'allocated' ? measureAllocated : measureRetained, rounds);

  const limit = samples.get('limit');
  const ours = samples.get('ours') ?? [];
  samples.delete('limit');
  samples.delete('ours');
  return { limit, ours, peers: samples };
}

/** One after the other, and not often: heap does not depend on what else the machine does. */
async function measureHeap(
  contenders: ReadonlyMap<string, Contender>,
  measure: (contender: Contender, rounds: number) => Promise<number[]>,
  rounds: number,
): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>();
  for (const [name, contender] of contenders) samples.set(name, await measure(contender, Math.min(rounds, 5)));
  return samples;
}
