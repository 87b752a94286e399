export { BodyNotReplayableError } from './body-not-replayable-error.ts';
export { retryFetch, type RetryFetchOptions } from './retry-fetch.ts';
