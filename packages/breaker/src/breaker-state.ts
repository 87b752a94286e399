/** `'isolated'` and `'disabled'` are set by hand and lie over the other three; `'isolated'` over `'disabled'`. */
export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated' | 'disabled';
