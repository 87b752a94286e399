export { shutdownContext, type ShutdownOptions } from './shutdown-context.ts';
export { ShutdownError } from './shutdown-error.ts';
