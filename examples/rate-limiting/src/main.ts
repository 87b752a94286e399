import { bursts } from './bursts.ts';
import { flood } from './flood.ts';
import { perUser } from './per-user.ts';

await bursts();
await perUser();
await flood();
