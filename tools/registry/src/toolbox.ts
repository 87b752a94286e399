import { cachedInstall } from './cached-install.ts';
import type { RunCommand } from './run-command.ts';

/** Folders `node_modules` with the tools that use packages. */
export interface Toolbox {
  readonly common: string;
  readonly jest29: string;
  readonly jest30: string;
}

/** Exact versions, so that a rehearsal tells about our packages and not about the tools of the day. */
const nodeTypes = { '@types/node': '20.19.25' };

const common = {
  dependencies: {
    ...nodeTypes,
    esbuild: '0.28.1',
    'typescript-5.4': 'npm:typescript@5.4.5',
    'typescript-6': 'npm:typescript@6.0.3',
    vitest: '3.2.4',
  },
};

/** Two installs, since each needs ts-jest and dozens of `jest-*` packages of its own. */
const jest29 = {
  dependencies: { ...nodeTypes, '@types/jest': '29.5.14', jest: '29.7.0', 'ts-jest': '29.4.15', typescript: '5.4.5' },
};

const jest30 = {
  dependencies: { ...nodeTypes, '@types/jest': '30.0.0', jest: '30.5.2', 'ts-jest': '29.4.15', typescript: '6.0.3' },
  // 1.13.0 depends on packages for platforms that not every mirror of the registry has.
  overrides: { 'unrs-resolver': '1.12.2' },
};

export async function openToolbox(cache: string, run: RunCommand): Promise<Toolbox> {
  return {
    common: await cachedInstall(cache, 'toolbox/common', common, run),
    jest29: await cachedInstall(cache, 'toolbox/jest-29', jest29, run),
    jest30: await cachedInstall(cache, 'toolbox/jest-30', jest30, run),
  };
}
