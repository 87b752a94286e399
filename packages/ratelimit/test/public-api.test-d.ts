import type { PatternError } from '@patterns/errors';
import type { RateLimitError } from '@patterns/ratelimit';
import { expectTypeOf } from 'expect-type';

expectTypeOf<RateLimitError>().toExtend<PatternError>();
expectTypeOf<RateLimitError['code']>().toEqualTypeOf<'ERR_RATE_LIMITED'>();
