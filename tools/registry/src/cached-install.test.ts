import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { testFolder } from '../test/test-folder.ts';
import { cachedInstall, cacheFolder } from './cached-install.ts';
import type { RunCommand } from './run-command.ts';

const folder = testFolder();
let count = 0;
let cache: string;
let installs: string[];

beforeEach(() => {
  cache = join(folder, `cache-${(count += 1)}`);
  installs = [];
});

const npm: RunCommand = async (_file, _args, { cwd }) => {
  installs.push(await readFile(join(cwd, 'package.json'), 'utf8'));
  await mkdir(join(cwd, 'node_modules'));
  return { stdout: '' };
};

it('installs a manifest once', async () => {
  const manifest = { dependencies: { jest: '30.0.0' } };
  const modules = await cachedInstall(cache, 'toolbox/jest', manifest, npm);
  await expect(cachedInstall(cache, 'toolbox/jest', manifest, npm)).resolves.toBe(modules);
  expect(modules.startsWith(join(cache, 'toolbox/jest-'))).toBe(true);
  expect(installs.map((text) => JSON.parse(text) as unknown)).toEqual([{ private: true, ...manifest }]);
});

it('installs another manifest elsewhere', async () => {
  const one = await cachedInstall(cache, 'jest', { dependencies: { jest: '30.0.0' } }, npm);
  const two = await cachedInstall(cache, 'jest', { dependencies: { jest: '30.0.1' } }, npm);
  expect(one).not.toBe(two);
});

it('leaves nothing of an install that failed', async () => {
  const manifest = { dependencies: { jest: '30.0.0' } };
  const failing: RunCommand = async (...call) => {
    await npm(...call);
    throw new Error('no network');
  };
  await expect(cachedInstall(cache, 'jest', manifest, failing)).rejects.toThrow('no network');
  await expect(readdir(cache)).resolves.toEqual([]);
});

it('shares the folder with whoever installs the same at the same time', async () => {
  const manifest = { dependencies: { jest: '30.0.0' } };
  const [one, two] = await Promise.all([
    cachedInstall(cache, 'jest', manifest, npm),
    cachedInstall(cache, 'jest', manifest, npm),
  ]);
  expect(one).toBe(two);
  await expect(readdir(cache)).resolves.toHaveLength(1);
});

it('lies where caches lie', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/caches' })).toBe('/caches/patterns');
  expect(cacheFolder({})).toMatch(/[\\/]\.cache[\\/]patterns$/);
});
