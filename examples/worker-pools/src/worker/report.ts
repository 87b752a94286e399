/** What a worker says of itself: one line of JSON on standard output. */
export type Report =
  | { readonly event: 'shutting-down'; readonly why: string; readonly running: number; readonly waiting: number }
  | {
      readonly event: 'ended';
      readonly accepted: number;
      readonly completed: number;
      readonly handedBack: number;
    };

export function report(report: Report): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
