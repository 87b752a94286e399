/** What a pool should do, written down as plainly as possible: everything is an array that is searched. */
export interface NaiveOptions {
  readonly concurrency: number;
  readonly maxQueue: number;
  readonly overflow: 'reject' | 'wait' | 'drop-oldest' | 'drop-newest' | 'caller-runs';
  readonly fairness: 'fifo' | 'round-robin';
  readonly serializeKeys: boolean;
  readonly ageingMs: number;
}

export interface NaiveSpec {
  readonly priority: number;
  readonly weight: number;
  readonly key: string | undefined;
  readonly queueTimeoutMs: number;
  readonly timeoutMs: number;
  readonly release: 'settled' | 'timeout';
}

export interface NaiveTask extends NaiveSpec {
  readonly id: number;
  readonly submittedAt: number;
  state: 'line' | 'queue' | 'running' | 'over';
  /** What the promise has settled with. */
  outcome: string | undefined;
  /** The limit holds it. */
  isCounted: boolean;
  /** Of what it waits for or runs under. */
  due: number;
  armed: number;
}

export class NaivePool {
  readonly #options: NaiveOptions;
  concurrency: number;
  isPaused = false;
  now = 0;
  readonly tasks: NaiveTask[] = [];
  /** Waiting in the queue, as they came to it, and before it. */
  readonly queue: NaiveTask[] = [];
  readonly line: NaiveTask[] = [];
  readonly started: number[] = [];
  /** The turn that a key (of a priority) has, while it may have one. */
  #turns = new Map<string, { readonly level: number; readonly turn: number }>();
  #turn = 0;
  #armed = 0;

  constructor(options: NaiveOptions) {
    this.#options = options;
    this.concurrency = options.concurrency;
  }

  get running(): NaiveTask[] {
    return this.tasks.filter(({ state }) => state === 'running');
  }

  get weight(): number {
    return this.running.reduce((sum, { isCounted, weight }) => sum + (isCounted ? weight : 0), 0);
  }

  submit(spec: NaiveSpec): void {
    const task: NaiveTask = {
      ...spec,
      id: this.tasks.length,
      submittedAt: this.now,
      state: 'over',
      outcome: undefined,
      isCounted: true,
      due: Infinity,
      armed: 0,
    };
    this.tasks.push(task);
    const { overflow, maxQueue } = this.#options;
    if (!this.isPaused && this.#fits(task) && this.line.length === 0 && this.#isFirst(task)) {
      this.#start(task);
      return;
    }
    task.due = this.now + spec.queueTimeoutMs;
    task.armed = ++this.#armed;
    const hasPlace = this.line.length === 0 && this.queue.length < maxQueue;
    if (!hasPlace && overflow === 'caller-runs' && this.#isKeyFree(task)) {
      task.isCounted = false;
      this.#start(task);
    } else if (spec.queueTimeoutMs === 0) task.outcome = 'queue timeout';
    else if (hasPlace) this.#enter(task, this.queue);
    else if (overflow === 'wait') this.#enter(task, this.line);
    else {
      const lowest = Math.min(...this.queue.map(({ priority }) => priority));
      const candidates = this.queue.filter(({ priority }) => priority === lowest);
      const victim =
        overflow === 'drop-oldest' ? candidates[0] : overflow === 'drop-newest' ? candidates.at(-1) : undefined;
      if (victim === undefined || lowest > task.priority) {
        task.outcome = 'ERR_POOL_FULL';
        return;
      }
      this.#leave(victim, 'ERR_POOL_FULL');
      this.#enter(task, this.queue);
      this.#flow();
    }
  }

  end(task: NaiveTask, outcome: string): void {
    if (task.state !== 'running') return;
    task.state = 'over';
    task.outcome ??= outcome;
    this.#trackTurns();
    this.#flow();
  }

  abort(task: NaiveTask): void {
    if (task.state === 'queue' || task.state === 'line') {
      this.#leave(task, 'aborted');
      this.#flow();
    } else if (task.state === 'running') {
      task.outcome ??= 'aborted';
      task.due = Infinity;
    }
  }

  clear(): number {
    const waiting = [...this.queue, ...this.line];
    for (const task of waiting) this.#leave(task, 'ERR_CANCELED');
    this.#flow();
    return waiting.length;
  }

  change(change: () => void): void {
    change();
    this.#flow();
  }

  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.tasks.filter((task) => task.state !== 'over' && task.due <= end);
      due.sort((a, b) => a.due - b.due || a.armed - b.armed);
      const [first] = due;
      if (first === undefined) break;
      this.now = Math.max(this.now, first.due);
      first.due = Infinity;
      if (first.state !== 'running') {
        this.#leave(first, 'queue timeout');
      } else if (first.outcome === undefined) {
        first.outcome = 'run timeout';
        if (first.release === 'timeout') first.state = 'over';
      }
      this.#trackTurns();
      this.#flow();
    }
    this.now = end;
  }

  #enter(task: NaiveTask, list: NaiveTask[]): void {
    list.push(task);
    task.state = list === this.queue ? 'queue' : 'line';
    this.#trackTurns();
  }

  #leave(task: NaiveTask, outcome: string): void {
    const list = task.state === 'queue' ? this.queue : this.line;
    list.splice(list.indexOf(task), 1);
    task.state = 'over';
    task.outcome = outcome;
    this.#trackTurns();
  }

  #start(task: NaiveTask): void {
    task.state = 'running';
    task.due = this.now + task.timeoutMs;
    task.armed = ++this.#armed;
    this.started.push(task.id);
    this.#trackTurns();
  }

  #flow(): void {
    for (;;) {
      if (this.isPaused) break;
      this.#fill();
      const task = this.#next() ?? this.line.find((first) => first === this.line[0] && this.#isKeyFree(first));
      if (task === undefined || !this.#fits(task)) break;
      const list = task.state === 'queue' ? this.queue : this.line;
      list.splice(list.indexOf(task), 1);
      this.#turns.delete(this.#group(task));
      this.#start(task);
    }
    this.#fill();
  }

  #fill(): void {
    while (this.line.length > 0 && this.queue.length < this.#options.maxQueue) {
      this.#enter(this.line.shift() as NaiveTask, this.queue);
    }
  }

  #fits({ weight }: NaiveTask): boolean {
    return this.weight + weight <= this.concurrency || !this.running.some(({ isCounted }) => isCounted);
  }

  /** Whether it would be next if it came to the queue, were that as long as need be. */
  #isFirst(task: NaiveTask): boolean {
    const turns = this.#turns;
    this.#enter(task, this.queue);
    const isNext = this.#next() === task;
    this.queue.pop();
    task.state = 'over';
    this.#turns = turns;
    return isNext && this.#isKeyFree(task);
  }

  #isKeyFree({ key, id }: NaiveTask): boolean {
    if (!this.#options.serializeKeys || key === undefined) return true;
    return ![...this.running, ...this.queue].some((other) => other.key === key && other.id !== id);
  }

  #group({ key, priority, id }: NaiveTask): string {
    if (this.#options.serializeKeys && key !== undefined) return key;
    return this.#options.fairness === 'fifo' ? `#${id}` : `${key ?? ''}/${priority}`;
  }

  /** The first of each group that does not wait for its own key. */
  #heads(): NaiveTask[] {
    const heads = new Map<string, NaiveTask>();
    for (const task of this.queue) if (!heads.has(this.#group(task))) heads.set(this.#group(task), task);
    const isBusy = (key: string | undefined): boolean =>
      this.#options.serializeKeys && key !== undefined && this.running.some((task) => task.key === key);
    return [...heads.values()].filter(({ key }) => !isBusy(key));
  }

  /** A group that may have a turn from now on, or in another priority than before, goes to the end. */
  #trackTurns(): void {
    const turns = new Map<string, { readonly level: number; readonly turn: number }>();
    for (const head of this.#heads()) {
      const last = this.#turns.get(this.#group(head));
      const kept = last?.level === head.priority ? last : { level: head.priority, turn: ++this.#turn };
      turns.set(this.#group(head), kept);
    }
    this.#turns = turns;
  }

  #next(): NaiveTask | undefined {
    const { fairness, ageingMs } = this.#options;
    const place = (task: NaiveTask): number =>
      fairness === 'fifo' ? this.queue.indexOf(task) : (this.#turns.get(this.#group(task))?.turn ?? Infinity);
    const heads = this.#heads().sort((a, b) => b.priority - a.priority || place(a) - place(b));
    // The first of each priority, of which the one that counts most.
    const firsts = heads.filter((task, index) => task.priority !== heads[index - 1]?.priority);
    const rank = ({ priority, submittedAt }: NaiveTask): number =>
      priority + (ageingMs === Infinity ? 0 : Math.floor((this.now - submittedAt) / ageingMs));
    return firsts.sort((a, b) => rank(b) - rank(a) || a.submittedAt - b.submittedAt)[0];
  }
}
