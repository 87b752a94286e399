export type { Decision } from './decision.ts';
export type { RateLimitDiagnostics } from './diagnostics.ts';
export type { QuotaPolicy } from './quota-policy.ts';
export { RateLimitError, type RateLimitReason } from './rate-limit-error.ts';
