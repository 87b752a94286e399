import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { MutantResult, PartialStrykerOptions } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';

export interface MutateOptions {
  /** Absolute path of the package. */
  readonly folder: string;
  /** Sources to change, as paths or globs from the package. All that are published, if there are none. */
  readonly files: readonly string[];
  /** Where the HTML and the JSON report go, absolute. */
  readonly reports: string;
  /** Where the copies of the package that are changed and tested lie meanwhile; inside the workspace, to find its modules. */
  readonly temporary: string;
}

export interface Score {
  /** Changes that a test noticed, timeouts included. */
  readonly detected: number;
  readonly total: number;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** Entries only list names, and tests are what is put to the test. */
const everySource = ['src/**/*.ts', '!src/index.ts', '!src/**/*.test.ts'];

/** Changes the sources of a package in small ways, one at a time, and counts how often its tests notice. */
export async function mutate({ folder, files, reports, temporary }: MutateOptions): Promise<Score> {
  // Stryker takes the working directory for the project.
  process.chdir(folder);
  const options: PartialStrykerOptions = {
    mutate: files.length === 0 ? everySource : [...files],
    testRunner: 'jest',
    plugins: ['@stryker-mutator/jest-runner'],
    coverageAnalysis: 'perTest',
    jest: { projectType: 'custom', config: jestConfig(folder), enableFindRelatedTests: false },
    // Our Jest leaves types out: there are none to switch off.
    disableTypeChecks: false,
    ignorePatterns: ['dist', '.results', 'bench'],
    tempDirName: temporary,
    symlinkNodeModules: false,
    concurrency: 2,
    timeoutMS: 10_000,
    reporters: ['clear-text', 'html', 'json'],
    clearTextReporter: { logTests: false, reportTests: false, allowEmojis: false },
    htmlReporter: { fileName: join(reports, 'index.html') },
    jsonReporter: { fileName: join(reports, 'report.json') },
    allowConsoleColors: process.stdout.isTTY,
  };
  return scoreOf(await new Stryker(options).runMutationTest());
}

/**
 * What is added to the package's own configuration of Jest: its tests in `test/` import it by name, which has to lead to
 * the copy under test and not, through the workspace, to the original.
 */
function jestConfig(folder: string): Record<string, unknown> {
  const require = createRequire(join(folder, 'package.json'));
  const { name, exports } = require('./package.json') as Manifest;
  const { moduleNameMapper } = require('./jest.config.cjs') as { moduleNameMapper: Record<string, string> };
  const self = Object.entries(exports).flatMap(([entry, target]) => {
    const source = typeof target === 'string' ? undefined : target['@patterns/source'];
    return source === undefined ? [] : [[`^${name}${entry.slice(1)}$`, source.replace('./', '<rootDir>/')]];
  });
  return { moduleNameMapper: { ...Object.fromEntries(self), ...moduleNameMapper } };
}

function scoreOf(mutants: readonly MutantResult[]): Score {
  const count = (...statuses: MutantResult['status'][]) =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  const detected = count('Killed', 'Timeout');
  return { detected, total: detected + count('Survived', 'NoCoverage') };
}
