/** What a service says of itself: one line of JSON on standard output. */
export type LogEntry =
  | { readonly event: 'listening'; readonly port: number }
  | { readonly event: 'begins'; readonly path: string; readonly order: string | undefined; readonly leftMs: number }
  | { readonly event: 'done'; readonly path: string; readonly status: 200; readonly afterMs: number }
  | {
      readonly event: 'stopped';
      readonly path: string;
      readonly status: number;
      readonly afterMs: number;
      readonly why: string;
    }
  | { readonly event: 'shutting-down'; readonly why: string };

export function log(entry: LogEntry): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}
