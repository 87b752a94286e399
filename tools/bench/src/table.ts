import type { MeasuredContender, MeasuredRow } from './measure-area.ts';
import { factor, quantity } from './number-text.ts';
import type { Summary } from './statistics.ts';
import type { Verdict } from './target.ts';

const header = ['work', 'limit', 'ours', 'peers, best first', 'target'];

/** One Markdown table: medians, and in parentheses the extremes over all rounds. */
export function table(rows: readonly MeasuredRow[]): string {
  const lines = [header, header.map(() => '---'), ...rows.map(cells)];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cells({ work, measure, limit, ours, peers, verdicts }: MeasuredRow): string[] {
  const unit = measure === 'time' ? 'ns' : 'bytes';
  const bestFirst = [...peers].sort((a, b) => a.cost.median - b.cost.median);
  return [
    measure === 'time' ? work : `${work} (heap)`,
    limit ? `${cost(limit.cost)} ${unit}` : '',
    `**${quantity(ours.cost.median)} ${unit}** ${range(ours.cost)}${times(ours.ratio)}`,
    bestFirst.map((peer) => contender(peer)).join('<br>'),
    verdicts.map(verdict).join('<br>'),
  ].map((cell) => cell.replaceAll('|', '\\|'));
}

function contender({ name, cost, ratio }: MeasuredContender): string {
  return `${name} ${quantity(cost.median)}${ratio ? ` = ${factor(ratio.median)}` : ''}`;
}

function verdict({ requirement, actual, isMet }: Verdict): string {
  return `${requirement}: ${isMet ? 'met' : '**missed**'}, ${actual}`;
}

function cost(summary: Summary): string {
  return `${quantity(summary.median)} ${range(summary)}`;
}

function range({ min, max }: Summary): string {
  return `(${quantity(min)}-${quantity(max)})`;
}

function times(ratio: Summary | undefined): string {
  return ratio === undefined ? '' : ` = ${factor(ratio.median)} (${factor(ratio.min)}-${factor(ratio.max)})`;
}
