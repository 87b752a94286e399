import { delays } from './delays.ts';
import { gettingThrough } from './getting-through.ts';
import { givingUpEarly } from './giving-up-early.ts';
import { storm } from './storm.ts';

delays();
await gettingThrough();
await givingUpEarly();
await storm();
