import type { Contender, Staged } from './contender.ts';
import { noTarget, type Target } from './target.ts';

/** What is measured: time for an operation, heap that an operation allocates, heap that a live thing holds. */
export type Measure = 'time' | 'allocated' | 'retained';

export interface Row<C extends Contender = Contender> {
  readonly work: string;
  readonly measure: Measure;
  /** The least code that does the same job, written by hand. */
  readonly limit?: C | undefined;
  readonly ours: C;
  readonly peers: Readonly<Record<string, C>>;
  readonly target: Target;
  readonly maxRounds: number;
}

export interface RowOptions<C extends Contender = Contender> {
  readonly work: string;
  readonly limit?: C | undefined;
  readonly ours: C;
  readonly peers?: Readonly<Record<string, C>> | undefined;
  /** @defaultValue {@link noTarget} */
  readonly target?: Target | undefined;
  /** For work that takes long. @defaultValue Infinity */
  readonly maxRounds?: number | undefined;
}

/** Everything that is measured about one package: one table. */
export interface Area {
  readonly name: string;
  readonly rows: readonly Row[];
}

export function area(name: string, rows: readonly Row[]): Area {
  return { name, rows };
}

/** Nanoseconds per operation. */
export function row(options: RowOptions): Row {
  return measured('time', options);
}

/** Bytes that one operation allocates, garbage included. */
export function allocates(options: RowOptions): Row {
  return measured('allocated', options);
}

/** Bytes that one unit of `run` holds until it is cleaned up. */
export function retains(options: RowOptions<Staged>): Row {
  return measured('retained', options);
}

function measured(measure: Measure, options: RowOptions): Row {
  const { work, limit, ours, peers = {}, target = noTarget, maxRounds = Infinity } = options;
  for (const peer of target.peers) {
    if (!(peer in peers)) throw new TypeError(`"${work}": the target compares with "${peer}", which is no peer`);
  }
  return { work, measure, limit, ours, peers, target, maxRounds };
}
