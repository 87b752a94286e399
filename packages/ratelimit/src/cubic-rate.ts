/** Share of the rate that is left after a refusal. */
const beta = 0.7;
/** How fast the rate grows, in permits per second per second cubed. */
const scale = 0.4;

/**
 * The CUBIC rate of the AWS SDKs, after TCP CUBIC: a refusal cuts the rate to 0.7 of what went through; from there it rises fast towards that,
 * stays near it for a while, and then tries more and more.
 *
 * @see RFC 9438
 */
export class CubicRate {
  /** Permits per second at the last refusal. */
  readonly lastMax: number;
  readonly #refusedAtMs: number;
  /** Seconds until the rate is back at {@link lastMax}. */
  readonly #plateauSeconds: number;

  constructor(lastMax: number, refusedAtMs: number) {
    this.lastMax = lastMax;
    this.#refusedAtMs = refusedAtMs;
    this.#plateauSeconds = Math.cbrt((lastMax * (1 - beta)) / scale);
  }

  at(nowMs: number): number {
    const seconds = (nowMs - this.#refusedAtMs) / 1000;
    return scale * (seconds - this.#plateauSeconds) ** 3 + this.lastMax;
  }
}
