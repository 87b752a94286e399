/** Of a stream, what a bar has to know. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const width = 40;

/**
 * How much of something is done. On a terminal one line that is written over, in a pipe a line for each quarter: both without escape codes.
 * It hides no cursor, so there is nothing to repair after whatever ends the program in the middle.
 */
export class ProgressBar implements Disposable {
  readonly #total: number;
  readonly #terminal: Terminal;
  #done = 0;
  #line = '';

  /** @param total at least 1 */
  constructor(total: number, terminal: Terminal = process.stdout) {
    this.#total = total;
    this.#terminal = terminal;
  }

  advance(): void {
    const quarterBefore = this.#quarter;
    this.#done++;
    if (this.#terminal.isTTY === true) this.#show(`\r${this.#text}`);
    else if (this.#quarter > quarterBefore) this.#show(`${this.#text}\n`);
  }

  /** What comes next begins a line of its own. */
  [Symbol.dispose](): void {
    if (this.#line.startsWith('\r')) this.#terminal.write('\n');
    this.#line = '';
  }

  get #quarter(): number {
    return Math.floor((4 * this.#done) / this.#total);
  }

  get #text(): string {
    const total = String(this.#total);
    const filled = Math.floor((width * this.#done) / this.#total);
    return `  ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(this.#done).padStart(total.length)} of ${total}`;
  }

  #show(line: string): void {
    this.#line = line;
    this.#terminal.write(line);
  }
}
