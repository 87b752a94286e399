import type { Clock } from '@patterns/context';
import type { Decision } from './decision.ts';
import { LinePart, type JointMember, type JointPart } from './joint-part.ts';
import { JointPlan } from './joint-plan.ts';
import type { JoinedLine, Loan, Meter, Places } from './meter.ts';
import type { Reservation } from './reservation.ts';

/** Limits that are asked together, and taken from together. */
export class JointMeter extends JointPlan {
  readonly members: readonly JointMember[];
  /** Of joint limits that members came with: there is nothing to take from them, but those who wait for them come before. */
  readonly nested: readonly LinePart[];
  readonly #lineParts: readonly LinePart[];

  constructor(members: readonly JointMember[], nested: readonly LinePart[]) {
    super(members);
    this.members = members;
    this.nested = nested;
    this.#lineParts = members.filter((member) => member instanceof LinePart);
  }

  /** What others come before is kept outside: a member could not tell for whom it is to wait. Serves nobody: it may be asked while others are. */
  override get lends(): boolean {
    return this.nested.every(({ line }) => line.isEmpty);
  }

  override get lendsAhead(): boolean {
    return true;
  }

  override tryTake(permits: number, clock: Clock): boolean {
    const parts = this.#lineParts;
    if (parts.length < this.members.length || this.nested.some(isWaitedFor)) return super.tryTake(permits, clock);
    for (let n = 0; n < parts.length; n++) {
      const { line } = parts[n] as LinePart;
      const isJoined = line.joined.size > 0;
      const isFree = line.isIdle || (!isJoined && line.isEmptyAt(line.now()));
      if (isFree && line.meter.tryTake(permits, line.clock)) continue;
      for (let before = 0; before < n; before++) parts[before]?.line.meter.untake(permits);
      // When it is asked, others may take from those before it, and what was taken from these could not be undone.
      if (isJoined) return super.tryTake(permits, clock);
      // The clock may step back before the others are asked: they have seen this time too.
      for (let after = n + 1; after < parts.length; after++) parts[after]?.line.now();
      return false;
    }
    return true;
  }

  override lend(permits: number, atMs: number, places?: Places): Loan {
    const delayMs = atMs - this.latestMs;
    const reservations = this.members.map((member) =>
      member.reserve(permits, delayMs, this, places?.get(member.source)),
    );
    return new JointLoan(
      permits,
      reservations.filter((reservation) => reservation !== undefined),
    );
  }

  override advance(clockMs: number): number {
    const clock = this.#lineParts[0]?.line.clock;
    for (const { line } of this.#lineParts) {
      // By the same clock, which a timer may have run ahead of.
      if (line.clock === clock) line.advance(clockMs);
      else line.now();
    }
    return super.advance(clockMs);
  }

  override watch(listener: () => void): void {
    for (const { line } of [...this.#lineParts, ...this.nested]) line.watchers.add(listener);
  }

  override unwatch(listener: () => void): void {
    for (const { line } of [...this.#lineParts, ...this.nested]) line.watchers.delete(listener);
  }

  override isBehind(other: Meter): boolean {
    return this.nested.some(({ line }) => line.meter === other);
  }

  override join(joined: JoinedLine): Places {
    for (const { line } of [...this.#lineParts, ...this.nested]) line.joined.add(joined);
    return new Map(this.#lineParts.map(({ line }) => [line, line.nextTicket()]));
  }

  override leave(joined: JoinedLine): void {
    for (const { line } of [...this.#lineParts, ...this.nested]) line.joined.delete(joined);
  }

  override released(): void {
    for (const { line } of [...this.#lineParts, ...this.nested]) line.changed();
  }

  override explain(decision: Decision, permits: number): Decision {
    const decisions = this.members.map((member) => member.decide(permits, decision.allowed));
    const { policy } = decisions.reduce((one, other) => (isTighter(other, one) ? other : one));
    return { ...decision, policy, decisions };
  }

  protected override asked(): readonly JointPart[] {
    return this.nested.length === 0 ? this.members : [...this.members, ...this.nested.filter(isWaitedFor)];
  }
}

class JointLoan implements Loan {
  readonly #permits: number;
  readonly #reservations: readonly Reservation[];

  constructor(permits: number, reservations: readonly Reservation[]) {
    this.#permits = permits;
    this.#reservations = reservations;
  }

  /** At its very time too, when settling would give back what later reservations stand on. */
  giveBack(permits: number): void {
    if (permits < this.#permits) this.#settle(this.#permits - permits);
    else for (const reservation of this.#reservations) reservation.cancel();
  }

  refund(permits: number): void {
    this.#settle(this.#permits - permits);
  }

  charge(permits: number): void {
    this.#settle(this.#permits + permits);
  }

  #settle(permits: number): void {
    for (const reservation of this.#reservations) reservation.settle(permits);
  }
}

function isWaitedFor({ line }: LinePart): boolean {
  return !line.isEmpty && !line.isEmptyAt(line.now());
}

function isTighter(one: Decision, other: Decision): boolean {
  if (one.retryAfterMs !== other.retryAfterMs) return one.retryAfterMs > other.retryAfterMs;
  return shareOf(one) < shareOf(other);
}

/** What is left of it. */
function shareOf({ limit, remaining }: Decision): number {
  if (limit === Infinity) return 1;
  return limit === 0 ? 0 : remaining / limit;
}
