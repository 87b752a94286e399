// A worker thread does not inherit the loader that runs TypeScript in the main one.
import { register } from 'tsx/esm/api';

register();
await import('./page-reader.ts');
