import fc from 'fast-check';
import { TokenBudget } from './token-budget.ts';

describe('TokenBudget', () => {
  it('follows the example of gRPC: 10 tokens, 0.1 back for a success', () => {
    const budget = new TokenBudget({ maxTokens: 10, tokenRatio: 0.1 });
    const afterEach = (times: number, event: 'success' | 'failure'): [number, boolean][] =>
      Array.from({ length: times }, () => {
        budget.record(event);
        return [budget.tokens, budget.tryWithdraw()];
      });

    expect(afterEach(6, 'failure')).toEqual([
      [9, true],
      [8, true],
      [7, true],
      [6, true],
      [5, false],
      [4, false],
    ]);
    const recovery = afterEach(11, 'success');
    expect(recovery[9]).toEqual([5, false]);
    expect(recovery[10]).toEqual([5.1, true]);
  });

  it('has these numbers by default', () => {
    const budget = new TokenBudget();
    budget.record('failure');
    budget.record('success');
    expect(budget.tokens).toBe(9.1);
  });

  it('takes nothing for an extra call, and nothing for a call', () => {
    const budget = new TokenBudget();
    budget.record('call');
    expect([budget.tryWithdraw(), budget.tryWithdraw(), budget.tokens]).toEqual([true, true, 10]);
  });

  it('counts three decimals and drops the others', () => {
    const budget = new TokenBudget({ maxTokens: 2.0059, tokenRatio: 0.5466 });
    expect(budget.tokens).toBe(2.005);
    budget.record('failure');
    budget.record('success');
    expect(budget.tokens).toBe(1.551);
    expect(new TokenBudget({ maxTokens: 1.005 }).tokens).toBe(1.005);
  });

  it('equals a model in whole thousandths for any series of events', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.constantFrom('call' as const, 'success' as const, 'failure' as const), { maxLength: 100 }),
        (max, perSuccess, events) => {
          const budget = new TokenBudget({ maxTokens: max / 1000, tokenRatio: perSuccess / 1000 });
          let left = max;
          for (const event of events) {
            budget.record(event);
            left += event === 'success' ? perSuccess : event === 'failure' ? -1000 : 0;
            left = Math.min(max, Math.max(0, left));
            expect([budget.tokens, budget.tryWithdraw()]).toEqual([left / 1000, 2 * left > max]);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [{ maxTokens: 0 }, 'maxTokens must be from 0.001 to 1000, got 0'],
    [{ maxTokens: 1000.001 }, 'maxTokens must be from 0.001 to 1000, got 1000.001'],
    [{ maxTokens: NaN }, 'maxTokens must be from 0.001 to 1000, got NaN'],
    [{ tokenRatio: 0 }, 'tokenRatio must be finite and at least 0.001, got 0'],
    [{ tokenRatio: 0.0004 }, 'tokenRatio must be finite and at least 0.001, got 0.0004'],
    [{ tokenRatio: Infinity }, 'tokenRatio must be finite and at least 0.001, got Infinity'],
  ])('refuses %j', (options, message) => {
    expect(() => new TokenBudget(options)).toThrow(new RangeError(message));
    expect(() => new TokenBudget(options)).toThrow(RangeError);
  });
});
