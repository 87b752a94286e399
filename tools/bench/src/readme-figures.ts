import type { MeasuredContender, MeasuredRow } from './measure-area.ts';
import { factor, quantity } from './number-text.ts';
import { majorOf, type AreaResult } from './results.ts';

/** More of them are in RESULTS.md. */
const peersShown = 4;

const resultsUrl = 'https://github.com/patterns-ts/patterns/blob/main/tools/bench/RESULTS.md';

const block = /(<!-- figures of (\S+), by npm run bench -->)[^]*?(<!-- end of figures -->)/g;

/**
 * A README with the figures of the last measurement in its blocks, so that no figure in it is typed by hand. A block of an area that has not been
 * measured yet stays as it is:
 *
 * ```md
 * <!-- figures of retry, by npm run bench -->
 * <!-- end of figures -->
 * ```
 */
export function withFigures(readme: string, results: readonly AreaResult[]): string {
  return readme.replaceAll(block, (whole, start: string, area: string, end: string) => {
    const measured = results.filter((result) => result.area === area);
    return measured.length === 0 ? whole : `${start}\n\n${figures(area, measured)}\n\n${end}`;
  });
}

export function hasFigures(readme: string): boolean {
  return readme.search(block) !== -1;
}

function figures(area: string, measured: readonly AreaResult[]): string {
  const header = ['work', ...measured.flatMap(({ node }) => [`Node.js ${majorOf(node)}`, 'others, best first'])];
  const works = new Map<string, string[]>();
  for (const [column, { rows }] of measured.entries()) {
    for (const row of rows) {
      const work = `${row.work}${row.measure === 'time' ? '' : ' (heap)'}`.replaceAll('|', '\\|');
      const cells = works.get(work) ?? [work, ...measured.flatMap(() => ['', ''])];
      cells[column * 2 + 1] = ours(row);
      cells[column * 2 + 2] = others(row);
      works.set(work, cells);
    }
  }
  const lines = [header, header.map(() => '---'), ...works.values()].map((cells) => `| ${cells.join(' | ')} |`);
  return `Times the limit, which is the least code that does the job, written by hand; heap in bytes. \`npm run bench -- ${area}\` measures it again, and [RESULTS.md](${resultsUrl}) says on what it was measured, and names the rest.

${lines.join('\n')}`;
}

function ours({ measure, ours, verdicts }: MeasuredRow): string {
  const missed = verdicts.filter(({ isMet }) => !isMet).map(({ requirement }) => `<br>missed: ${requirement}`);
  return `**${amount(ours, measure)}**${missed.join('')}`;
}

function others({ measure, peers }: MeasuredRow): string {
  const bestFirst = [...peers].sort((a, b) => a.cost.median - b.cost.median);
  const shown = bestFirst.slice(0, peersShown).map((peer) => `${peer.name} ${amount(peer, measure)}`);
  return shown.join('<br>').replaceAll('|', '\\|');
}

/** Bytes are the same on every machine; nanoseconds say something only beside those of the limit. */
function amount({ cost, ratio }: MeasuredContender, measure: MeasuredRow['measure']): string {
  if (measure === 'time' && ratio !== undefined) return factor(ratio.median);
  return `${quantity(cost.median)}${measure === 'time' ? ' ns' : ''}`;
}
