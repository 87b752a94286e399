import { checkNumber } from '@patterns/context/internal';
import type { Budget } from './budget.ts';

export interface TokenBudgetOptions {
  /** In (0, 1000]. @defaultValue 10 */
  readonly maxTokens?: number | undefined;
  /** Tokens per success, above 0; decimals after the third are dropped. @defaultValue 0.1 */
  readonly tokenRatio?: number | undefined;
}

const thousandthsPerToken = 1000;

/** The sum corrects products such as 1.005 * 1000, which is a little less than 1005. */
const inThousandths = (tokens: number): number => Math.trunc(tokens * thousandthsPerToken + 1e-6);

/**
 * gRPC's retry throttling. Starts full; a failure costs one token, a success returns `tokenRatio`; extra calls, themselves free, are allowed
 * while more than half of `maxTokens` is left. Needs no clock and reacts within a few failures, but without a success it never recovers:
 * for a target that is called rarely see {@link RetryBudget}. One for each target. O(1).
 *
 * @see https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
 */
export class TokenBudget implements Budget {
  // Whole thousandths, as in gRPC: sums of 0.1 would drift from the threshold.
  readonly #max: number;
  readonly #perSuccess: number;
  #tokens: number;

  /** @throws {RangeError} for an option out of range */
  constructor({ maxTokens = 10, tokenRatio = 0.1 }: TokenBudgetOptions = {}) {
    checkNumber('maxTokens', maxTokens, inThousandths(maxTokens) > 0 && maxTokens <= 1000, 'from 0.001 to 1000');
    checkNumber(
      'tokenRatio',
      tokenRatio,
      inThousandths(tokenRatio) > 0 && tokenRatio < Infinity,
      'finite and at least 0.001',
    );
    this.#max = this.#tokens = inThousandths(maxTokens);
    this.#perSuccess = inThousandths(tokenRatio);
  }

  record(event: 'call' | 'success' | 'failure'): void {
    if (event === 'failure') this.#tokens = Math.max(0, this.#tokens - thousandthsPerToken);
    else if (event === 'success') this.#tokens = Math.min(this.#max, this.#tokens + this.#perSuccess);
  }

  tryWithdraw(): boolean {
    return this.#tokens > this.#max / 2;
  }

  /** Tokens left, from 0 to `maxTokens`. */
  get tokens(): number {
    return this.#tokens / thousandthsPerToken;
  }
}
