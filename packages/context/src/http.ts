export { ClientGoneError } from './client-gone-error.ts';
export { extract, type ExtractOptions } from './extract.ts';
export { fromRequest } from './from-request.ts';
export type { HeaderSource } from './header-source.ts';
export type { HeaderTarget } from './header-target.ts';
export { inject, type InjectOptions } from './inject.ts';
export type { TimeoutHeader } from './timeout-header.ts';
