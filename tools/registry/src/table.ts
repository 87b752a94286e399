export type Verdict =
  | { readonly kind: 'ok'; readonly seconds: number }
  | { readonly kind: 'failed'; readonly seconds: number }
  /** The package does not claim to work there. */
  | { readonly kind: 'not claimed' }
  /** An earlier failure made it pointless. */
  | { readonly kind: 'not run' };

export interface Row {
  readonly consumer: string;
  readonly verdicts: readonly Verdict[];
}

/** Consumers down, packages across: there are more of the former. */
export function table(packageNames: readonly string[], rows: readonly Row[]): string {
  const lines = [
    ['', ...packageNames],
    ...rows.map(({ consumer, verdicts }) => [consumer, ...verdicts.map((verdict) => cell(verdict))]),
  ];
  const widths = ['', ...packageNames].map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'ok':
      return `ok ${verdict.seconds.toFixed(1)} s`;
    case 'failed':
      return `FAILED ${verdict.seconds.toFixed(1)} s`;
    case 'not claimed':
      return '-';
    case 'not run':
      return 'not run';
  }
}
