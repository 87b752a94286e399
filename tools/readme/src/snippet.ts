import MarkdownIt from 'markdown-it';
import ts from 'typescript';

/** One `ts` block of a README: an ES module of its own. */
export interface Snippet {
  /** Path of the README from the root of the workspace. */
  readonly file: string;
  /** Line of the README, counted from 1, that holds the first line of the code. */
  readonly line: number;
  readonly code: string;
  /** The words after `ts` in the opening fence. */
  readonly flags: readonly string[];
  /** The texts of its `// =>` comments, in order, each with its line in the README. */
  readonly shown: readonly ShownLine[];
}

export interface ShownLine {
  readonly line: number;
  readonly text: string;
}

const markdown = new MarkdownIt();

export function findSnippets(file: string, readme: string): Snippet[] {
  return markdown.parse(readme, {}).flatMap((token) => {
    const [language, ...flags] = token.info.trim().split(/\s+/);
    if (token.type !== 'fence' || token.map === null || (language !== 'ts' && language !== 'typescript')) return [];
    // The map starts, counted from 0, at the fence: the code begins one line after it.
    const line = token.map[0] + 2;
    return [{ file, line, code: token.content, flags, shown: shownLines(token.content, line) }];
  });
}

/** A block that prints or shows output is run, unless it says `no-run`. */
export function isRunnable({ flags, shown, code }: Snippet): boolean {
  return !flags.includes('no-run') && (shown.length > 0 || code.includes('console.log'));
}

/** Reads the comments with TypeScript's own syntax tree: a `// =>` inside a string or a template is none. */
function shownLines(code: string, firstLine: number): ShownLine[] {
  const source = ts.createSourceFile('snippet.mts', code, ts.ScriptTarget.Latest, true);
  const comments = new Map<number, string>();
  const collect = (ranges: ts.CommentRange[] | undefined) => {
    for (const { pos, end } of ranges ?? []) comments.set(pos, code.slice(pos, end));
  };
  const visit = (node: ts.Node) => {
    // Comments hang on tokens; a node with children shares those of its first and last token.
    if (node.getChildCount(source) === 0) {
      collect(ts.getLeadingCommentRanges(code, node.pos));
      collect(ts.getTrailingCommentRanges(code, node.end));
    }
    node.getChildren(source).forEach(visit);
  };
  visit(source);

  return [...comments]
    .sort(([a], [b]) => a - b)
    .flatMap(([position, comment]) => {
      const text = /^\/\/ => ?(.*)$/.exec(comment)?.[1];
      if (text === undefined) return [];
      return [{ line: firstLine + source.getLineAndCharacterOfPosition(position).line, text: text.trimEnd() }];
    });
}
