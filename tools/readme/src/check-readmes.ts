import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Problem } from './problem.ts';
import { runSnippet } from './run-snippet.ts';
import { findSnippets, isRunnable, type Snippet } from './snippet.ts';
import { checkTypes } from './type-check.ts';

export interface CheckOptions {
  /** How long a snippet may run. @defaultValue 20 000 */
  readonly timeoutMs?: number | undefined;
  /** Folder of the one project to check, from the root. @defaultValue all of them, and the workspace itself */
  readonly project?: string | undefined;
}

export interface Report {
  readonly problems: readonly Problem[];
  readonly readmes: number;
  /** How many blocks were type-checked, and how many of them were run. */
  readonly checked: number;
  readonly run: number;
}

/** How many snippets run at a time. */
const simultaneous = 2;

/**
 * Checks the README of the workspace and of every project in it.
 *
 * @param root absolute path of the workspace
 */
export async function checkReadmes(root: string, { timeoutMs = 20_000, project }: CheckOptions = {}): Promise<Report> {
  const isWanted = (file: string) => project === undefined || file === `${project}/README.md`;
  const packages = readmesIn(root, 'packages').filter(isWanted);
  const others = ['README.md', ...readmesIn(root, 'examples'), ...readmesIn(root, 'tools')].filter(isWanted);
  const readmes = [...packages, ...others].filter((file) => existsSync(join(root, file)));

  const problems: Problem[] = [];
  const snippets: Snippet[] = [];
  const demanded = project === undefined ? packages : [`${project}/README.md`];
  for (const file of demanded.filter((readme) => !readmes.includes(readme))) {
    problems.push({ file, line: 1, message: 'is missing' });
  }
  for (const file of readmes) {
    const found = findSnippets(file, readFileSync(join(root, file), 'utf8'));
    snippets.push(...found);
    problems.push(...found.flatMap(unknownFlags));
    if (packages.includes(file)) problems.push(...lacksOpening(file, found[0]));
  }

  const typeProblems = checkTypes(root, snippets);
  problems.push(...typeProblems);
  // What does not compile would only fail again, and less clearly.
  const isBroken = (snippet: Snippet) =>
    typeProblems.some(({ file, line }) => file === snippet.file && lineIsIn(snippet, line));
  const runnable = snippets.filter((snippet) => isRunnable(snippet) && !isBroken(snippet));
  const queue = runnable.values();
  const worker = async () => {
    for (const snippet of queue) {
      const problem = await runSnippet(root, snippet, timeoutMs);
      if (problem !== undefined) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: simultaneous }, worker));

  problems.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  return { problems, readmes: readmes.length, checked: snippets.length, run: runnable.length };
}

/** Where the README of each workspace in `folder` is, or should be. */
function readmesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((name) => existsSync(join(root, folder, name, 'package.json')))
    .map((name) => `${folder}/${name}/README.md`);
}

function unknownFlags({ file, line, flags }: Snippet): Problem[] {
  return flags
    .filter((flag) => flag !== 'no-run')
    .map((flag) => ({ file, line: line - 1, message: `says "${flag}" after ts: only "no-run" means something` }));
}

/** Whoever opens the README of a package has to see the point of it first, and see it work. */
function lacksOpening(file: string, first: Snippet | undefined): Problem[] {
  const rule = 'the first ts block has to run and show what it prints in `// =>` comments';
  if (first === undefined) return [{ file, line: 1, message: `has no ts block: ${rule}` }];
  return isRunnable(first) && first.shown.length > 0 ? [] : [{ file, line: first.line, message: rule }];
}

function lineIsIn(snippet: Snippet, line: number): boolean {
  return line >= snippet.line && line < snippet.line + snippet.code.split('\n').length;
}
