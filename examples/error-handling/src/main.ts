import { fromAThread } from './from-a-thread.ts';
import { overHttp } from './over-http.ts';
import { results } from './results.ts';
import { threeLayers } from './three-layers.ts';
import { wholeChain } from './whole-chain.ts';

await threeLayers();
results();
await overHttp();
await wholeChain(await fromAThread());
