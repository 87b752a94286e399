import { gettingThrough } from './getting-through.ts';
import { givingUpEarly } from './giving-up-early.ts';

await gettingThrough();
await givingUpEarly();
