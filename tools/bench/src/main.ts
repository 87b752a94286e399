import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { format, resolveConfig } from 'prettier';

import { parseCommandLine, usage, type CommandLine } from './command-line.ts';
import type { Settings } from './measure-area.ts';
import { resultsPage, section, withResult, type AreaResult } from './results.ts';
import { withFigures } from './readme-figures.ts';
import { runArea } from './run-area.ts';

const bench = join(import.meta.dirname, '..');
const areasFolder = join(import.meta.dirname, 'areas');
const resultsFile = join(bench, 'results.json');
const resultsPageFile = join(bench, 'RESULTS.md');
const packages = join(bench, '..', '..', 'packages');

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let commandLine: CommandLine;
  try {
    commandLine = parseCommandLine(args);
  } catch (error) {
    console.error(`${(error as TypeError).message}\n\n${usage}`);
    return 2;
  }
  const { quick, build, node, settings } = commandLine;

  const known = readdirSync(areasFolder).map((file) => basename(file, '.ts'));
  const unknown = commandLine.areas.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`no such area: ${unknown.join(', ')}; there are ${known.join(', ')}`);
    return 2;
  }
  if (build && !buildPackages()) return 1;

  for (const name of commandLine.areas.length > 0 ? commandLine.areas : known) {
    const areaFile = pathToFileURL(join(areasFolder, `${name}.ts`)).href;
    // npm runs us in our own folder; a path is meant from where the user is.
    const measured = await runArea(areaFile, resolve(process.env['INIT_CWD'] ?? '.', node), settings);
    const result = { area: name, ...measured, circumstances: circumstances(measured.node, settings) };
    console.log(`${section(result)}\n`);
    if (!quick) await record(result);
  }
  return 0;
}

/** What is measured is what users install. */
function buildPackages(): boolean {
  const { status } = spawnSync('npx', ['nx', 'run-many', '-t', 'build', '-p', 'tag:npm:public'], {
    cwd: join(bench, '..', '..'),
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: 'inherit',
  });
  return status === 0;
}

function circumstances(node: string, { rounds, roundMs, seed }: Settings): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'an unknown processor';
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, Node ${node} on ${processors.length} x ${model}, ${process.platform} ${process.arch}; ${rounds} rounds of ${roundMs} ms, seed ${seed}.`;
}

/** In the results, on their page, and in the READMEs that quote them. */
async function record(result: AreaResult): Promise<void> {
  const before = existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as AreaResult[]) : [];
  const data = JSON.stringify(withResult(before, result), rounded);
  // What the page and the READMEs say is what the data say, to the last digit.
  const results = JSON.parse(data) as AreaResult[];
  await writeFormatted(resultsFile, data);
  await writeFormatted(resultsPageFile, resultsPage(results));
  for (const name of readdirSync(packages)) {
    const file = join(packages, name, 'README.md');
    if (!existsSync(file)) continue;
    const readme = readFileSync(file, 'utf8');
    const updated = withFigures(readme, results);
    if (updated !== readme) await writeFormatted(file, updated);
  }
}

/** As everything else in the repository is. */
async function writeFormatted(file: string, text: string): Promise<void> {
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

/** More digits than that are noise. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
