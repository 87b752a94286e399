import { join } from 'node:path';

import type { Consumer } from '../consumer.ts';
import { layOut } from '../lay-out.ts';
import { assertShown } from '../snippet.ts';

/**
 * For packages whose main entry claims `"patterns": { "platform": "neutral" }`: a bundle for no platform in particular fails on anything that only
 * Node.js has.
 *
 * @param modules the `node_modules` with esbuild
 */
export const neutralBundleConsumer = (modules: string): Consumer => ({
  name: 'neutral bundle',
  appliesTo({ manifest }) {
    const platform = manifest.patterns?.platform;
    return (typeof platform === 'object' ? platform['.'] : platform) === 'neutral';
  },
  async use({ folder, snippet }, run) {
    const cwd = await layOut(join(folder, 'neutral-bundle'), { 'main.ts': snippet.code });
    const options = ['--bundle', '--platform=neutral', '--format=esm', '--target=es2022', '--outfile=bundle.mjs'];
    await run(join(modules, '.bin/esbuild'), ['main.ts', ...options], { cwd });
    const { stdout } = await run(process.execPath, ['bundle.mjs'], { cwd });
    assertShown(snippet, stdout);
  },
});
