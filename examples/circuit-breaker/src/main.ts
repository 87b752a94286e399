import { degrading } from './degrading.ts';
import { failing } from './failing.ts';

await degrading();
await failing();
