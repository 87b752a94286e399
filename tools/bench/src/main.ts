import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { format } from 'prettier';

import { parseCommandLine, usage, type CommandLine } from './command-line.ts';
import type { Settings } from './measure-area.ts';
import { replaceSection } from './results-file.ts';
import { runArea } from './run-area.ts';
import { table } from './table.ts';

const bench = join(import.meta.dirname, '..');
const areasFolder = join(import.meta.dirname, 'areas');
const resultsFile = join(bench, 'RESULTS.md');

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
    const result = await runArea(areaFile, resolve(process.env['INIT_CWD'] ?? '.', node), settings);
    const title = `${name}, Node ${result.node.slice(1).split('.')[0] ?? ''}`;
    const body = `${circumstances(result.node, settings)}\n\n${table(result.rows)}\n`;
    console.log(`## ${title}\n\n${body}`);
    if (!quick) await writeSection(title, body);
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

async function writeSection(title: string, body: string): Promise<void> {
  const before = existsSync(resultsFile) ? readFileSync(resultsFile, 'utf8') : '';
  writeFileSync(
    resultsFile,
    await format(replaceSection(before, title, body), { parser: 'markdown', printWidth: 120 }),
  );
}
