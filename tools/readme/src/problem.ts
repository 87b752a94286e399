/** Something a reader of a README would stumble over. */
export interface Problem {
  /** Path from the root of the workspace. */
  readonly file: string;
  /** Counted from 1, in the README. */
  readonly line: number;
  readonly message: string;
}

export function formatProblem({ file, line, message }: Problem): string {
  return `${file}:${line} ${message.replaceAll('\n', '\n    ')}`;
}
