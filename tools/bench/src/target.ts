import { median, pairedRatios } from './statistics.ts';

/** What each contender of a row cost in each round. */
export interface Samples {
  readonly limit: readonly number[] | undefined;
  readonly ours: readonly number[];
  readonly peers: ReadonlyMap<string, readonly number[]>;
}

/** One requirement, and how it was answered. */
export interface Verdict {
  readonly requirement: string;
  readonly actual: string;
  readonly isMet: boolean;
}

type Requirement = (samples: Samples) => Verdict;

/** What a row has to achieve: `ratio(1.5).andFasterThan('cockatiel').andTimes('p-retry', 10)`. All of it is decided by medians. */
export class Target {
  readonly #requirements: readonly Requirement[];
  /** The peers that it compares with. */
  readonly peers: readonly string[];

  constructor(requirements: readonly Requirement[] = [], peers: readonly string[] = []) {
    this.#requirements = requirements;
    this.peers = peers;
  }

  /** At most `most` times the limit. */
  andRatio(most: number): Target {
    return this.#and((samples) => {
      const actual = median(pairedRatios(samples.ours, samples.limit ?? []));
      return { requirement: `≤ ${most}x limit`, actual: times(actual), isMet: actual <= most };
    });
  }

  /** Cheaper than this peer. */
  andFasterThan(peer: string): Target {
    return this.#and((samples) => {
      const actual = advantage(samples, peer);
      return { requirement: `faster than ${peer}`, actual: times(actual), isMet: actual > 1 };
    }, peer);
  }

  /** At least `least` times cheaper than this peer. */
  andTimes(peer: string, least: number): Target {
    return this.#and((samples) => {
      const actual = advantage(samples, peer);
      return { requirement: `≥ ${least}x ${peer}`, actual: times(actual), isMet: actual >= least };
    }, peer);
  }

  /** At most `most`, in the unit of the row. */
  andAtMost(most: number): Target {
    return this.#and((samples) => {
      const actual = median(samples.ours);
      return { requirement: `≤ ${most}`, actual: actual.toFixed(0), isMet: actual <= most };
    });
  }

  /** At most `most` more than this peer, in the unit of the row. */
  andAdds(most: number, peer: string): Target {
    return this.#and((samples) => {
      const actual = median(samples.ours) - median(samples.peers.get(peer) ?? []);
      return { requirement: `≤ ${most} more than ${peer}`, actual: actual.toFixed(0), isMet: actual <= most };
    }, peer);
  }

  judge(samples: Samples): Verdict[] {
    return this.#requirements.map((requirement) => requirement(samples));
  }

  #and(requirement: Requirement, peer?: string): Target {
    return new Target([...this.#requirements, requirement], peer === undefined ? this.peers : [...this.peers, peer]);
  }
}

export const ratio = (most: number): Target => new Target().andRatio(most);
export const fasterThan = (peer: string): Target => new Target().andFasterThan(peer);
export const atMost = (most: number): Target => new Target().andAtMost(most);
export const adds = (most: number, peer: string): Target => new Target().andAdds(most, peer);
/** Measured for information. */
export const noTarget: Target = new Target();

function advantage(samples: Samples, peer: string): number {
  return median(pairedRatios(samples.peers.get(peer) ?? [], samples.ours));
}

function times(factor: number): string {
  return `${factor.toFixed(factor < 9.95 ? 2 : 0)}x`;
}
