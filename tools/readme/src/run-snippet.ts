import { execFile } from 'node:child_process';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { dirname, resolve } from 'node:path';

import ts from 'typescript';

import type { Problem } from './problem.ts';
import type { Snippet } from './snippet.ts';

/** The exit code of Node.js for a module that is still waiting when there is nothing left to wait for. */
const unsettledTopLevelAwait = 13;

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** `undefined` if the process had to be killed. */
  readonly exitCode: number | undefined;
}

/** Runs a snippet in a process of its own and compares what it prints with what it shows. */
export async function runSnippet(root: string, snippet: Snippet, timeoutMs: number): Promise<Problem | undefined> {
  const { file, line } = snippet;
  const { outputText, sourceMapText } = ts.transpileModule(snippet.code, {
    fileName: 'snippet.mts',
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, sourceMap: true },
  });
  const { stdout, stderr, exitCode } = await run(resolve(root, dirname(snippet.file)), outputText, timeoutMs);

  if (exitCode === undefined) {
    return { file, line, message: `is still running after ${timeoutMs} ms: something was not closed` };
  }
  if (exitCode !== 0) {
    const map = new SourceMap(JSON.parse(sourceMapText ?? '') as SourceMapPayload);
    return { file, line: line + errorLine(stderr, map), message: errorText(stderr, exitCode) };
  }
  return compareOutput(snippet, stdout);
}

/** A module read from stdin resolves its imports from the working directory, so that no file has to be written there. */
function run(folder: string, code: string, timeoutMs: number): Promise<Outcome> {
  return new Promise((settle) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module', '-'],
      // Flags in NODE_OPTIONS are those of whoever runs the check, not of a reader.
      { cwd: folder, timeout: timeoutMs, killSignal: 'SIGKILL', env: { PATH: process.env['PATH'] } },
      (error, stdout, stderr) => {
        settle({ stdout, stderr, exitCode: error?.killed === true ? undefined : (child.exitCode ?? 1) });
      },
    );
    // A process that dies before it has read its program says so by its exit code.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(code);
  });
}

function compareOutput(snippet: Snippet, stdout: string): Problem | undefined {
  const { file, line, code, shown } = snippet;
  const printed = stdout.split('\n').map((text) => text.trimEnd());
  if (printed.at(-1) === '') printed.pop();

  const at = shown.findIndex(({ text }, index) => text !== printed[index]);
  const different = shown[at];
  if (different !== undefined) {
    const actual = at < printed.length ? `prints: ${printed[at]}` : 'prints nothing more';
    return { file, line: different.line, message: `shows:  ${different.text}\n${actual}` };
  }
  if (printed.length > shown.length) {
    const lastLine = line + code.trimEnd().split('\n').length - 1;
    return { file, line: lastLine, message: `prints a line that it does not show: ${printed[shown.length]}` };
  }
  return undefined;
}

/** The line of the snippet, counted from 0, that an uncaught error came from. */
function errorLine(stderr: string, map: SourceMap): number {
  // The stack has columns, the heading of a syntax error has not.
  const place = /\[eval1?\]:(\d+):(\d+)/.exec(stderr) ?? /\[eval1?\]:(\d+)/.exec(stderr);
  const origin = map.findEntry(Number(place?.[1] ?? 1) - 1, Number(place?.[2] ?? 1) - 1);
  return 'originalLine' in origin ? origin.originalLine : 0;
}

/** What Node prints about an uncaught error, without the compiled source line before it and the stack after it. */
function errorText(stderr: string, exitCode: number): string {
  const report = stderr.replace(/^[\s\S]*?\[eval1?\]:\d+\n[\s\S]*?\n *\^+ *\n/, '').trim();
  const text = report.split(/\n\s+at /)[0]?.trim();
  if (text !== undefined && text !== '') return `fails: ${text}`;
  return exitCode === unsettledTopLevelAwait
    ? 'waits for a promise that never settles'
    : `ends with exit code ${exitCode}`;
}
