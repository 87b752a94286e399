import { attachedTo } from './attach.ts';
import { Budget } from './budget.ts';
import { detailsOf, plain } from './details.ts';
import { isError } from './error-type.ts';
import { messageOf } from './message-of.ts';
import { behind } from './opaque.ts';
import { isObject, read, readString } from './read.ts';
import { redacted, secretsOf, type IsSecret, type Redaction } from './redact.ts';
import { codeOf, fieldsOf, nameOf } from './serialize.ts';
import { limitsOf } from './serialized-error.ts';
import { toJson } from './to-json.ts';
import { causeOf, errorsOf, lengthOf, walk } from './walk.ts';

export interface FormatOptions {
  /** @defaultValue true */
  readonly stack?: boolean | undefined;
  /** Nodes below this depth are counted, not shown. @defaultValue 16 */
  readonly maxDepth?: number | undefined;
  /** ANSI colours. @defaultValue false */
  readonly color?: boolean | undefined;
  /** @defaultValue true */
  readonly redact?: Redaction | undefined;
}

/**
 * The whole tree as text for a human: messages, codes, details, secondary errors, stacks with shared frames once. Never throws.
 * It shows what {@link opaque} and {@link attach} hide from the other functions.
 */
export function format(err: unknown, options?: FormatOptions): string {
  return new Printer(options).print(err);
}

/** A node yet to be shown. */
interface Pending {
  readonly node: unknown;
  /** How it belongs to the one above. */
  readonly label: string;
  /** Last segment of its path; what is kept beside the tree of causes has none. */
  readonly key?: string | undefined;
  readonly depth: number;
  readonly indent: string;
  /** Of the one above: what its stack has in common with this one's is not repeated. */
  readonly frames: readonly string[];
}

class Printer {
  readonly #maxDepth: number;
  readonly #withStack: boolean;
  readonly #isSecret: IsSecret;
  readonly #paint: (text: string, style: Style) => string;
  readonly #lines: string[] = [];
  readonly #shown = new Set<unknown>();

  constructor(options: FormatOptions | undefined) {
    this.#maxDepth = limitsOf(options).maxDepth;
    this.#withStack = options?.stack !== false;
    this.#isSecret = secretsOf(options?.redact);
    this.#paint = options?.color === true ? paint : (text) => text;
  }

  print(err: unknown): string {
    const pending: Pending[] = [{ node: err, label: '', depth: 1, indent: '', frames: [] }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const child of this.#show(next).reverse()) pending.push(child);
    }
    return this.#lines.join('\n');
  }

  /** Gives the nodes below it. */
  #show(pending: Pending): Pending[] {
    const { label, indent } = pending;
    if (pending.depth > this.#maxDepth) {
      this.#line(indent, `${label}(${this.#count(pending.node)} more below)`);
      return [];
    }
    const node = this.#unlessSecret(pending);
    if (!isObject(node)) {
      this.#line(indent, label + this.#valueText(node));
      return [];
    }
    if (this.#shown.has(node)) {
      this.#line(indent, `${label}${this.#title(node)} (shown above)`);
      return [];
    }
    this.#shown.add(node);
    this.#line(indent, label + (isError(node) ? this.#title(node) : this.#valueText(node)));
    const frames = framesOf(node);
    if (isError(node)) {
      this.#members(indent, 'details', detailsOf(node));
      this.#members(indent, 'fields', fieldsOf(node));
    }
    if (this.#withStack) this.#frames(indent, frames, pending.frames);
    return childrenOf(node, pending, frames);
  }

  /** Of an error each part is redacted by itself. */
  #unlessSecret({ node, key }: Pending): unknown {
    return key !== undefined && !isError(node) && this.#isSecret(key, node) ? redacted : node;
  }

  #title(node: object): string {
    if (!isError(node)) return this.#textOf(node);
    const code = codeOf(node);
    const name = this.#paint(nameOf(node), 'name');
    const title = code === undefined ? name : `${name} ${this.#paint(`[${code}]`, 'code')}`;
    const message = readString(node, 'message') ?? '';
    return message === '' ? title : `${title}: ${message}`;
  }

  #valueText(value: unknown): string {
    const { json } = toJson(value, new Budget(maxValueSize), this.#isSecret);
    return json === undefined ? this.#textOf(value) : JSON.stringify(json);
  }

  /** Of what is no error. */
  #textOf(value: unknown): string {
    return this.#isSecret('message', isObject(value) ? read(value, 'message') : undefined)
      ? redacted
      : messageOf(value);
  }

  #members(indent: string, name: string, members: object | undefined): void {
    if (members === undefined) return;
    const { json } = toJson(plain(members), new Budget(maxValueSize), this.#isSecret);
    const text = JSON.stringify(json ?? {});
    if (text !== '{}') this.#line(`${indent}    `, `${name}: ${text}`);
  }

  #frames(indent: string, frames: readonly string[], above: readonly string[]): void {
    const { end, length } = sharedRun(frames, above);
    const shown = [...frames];
    // "1 frame as above" would be no shorter than the frame.
    if (length > 1) shown.splice(end - length, length, `... ${length} frames as above`);
    for (const frame of shown) this.#line(`${indent}    `, this.#paint(frame, 'frame'));
  }

  #count(node: unknown): number {
    let count = 0;
    for (const below of walk(node)) if (!this.#shown.has(below)) count++;
    return count;
  }

  #line(indent: string, text: string): void {
    this.#lines.push(indent + text.replaceAll('\n', `\n${indent}    `));
  }
}

const maxValueSize = 16_384;

/** 32 levels. With one of its own for each, the text of a deep tree would grow with the square of the depth, beyond the length of any string. */
const maxIndent = 64;

/** Causes stay at the same indent, as a chain reads down; what branches off goes further in. */
function childrenOf(node: object, { depth, indent }: Pending, frames: readonly string[]): Pending[] {
  const inner = indent.length < maxIndent ? `${indent}  ` : indent;
  const children: Pending[] = [];
  const add = (child: unknown, label: string, at: string, key?: string): void => {
    if (child !== undefined && child !== null)
      children.push({ node: child, label, key, depth: depth + 1, indent: at, frames });
  };
  add(behind(node), 'behind it: ', inner);
  for (const secondary of attachedTo(node)) add(secondary, 'also: ', inner);
  const errors = errorsOf(node) ?? [];
  const length = lengthOf(errors);
  for (let i = 0; i < length; i++) add(read(errors, i), `${i + 1}/${length}: `, inner, String(i));
  add(causeOf(node), 'caused by: ', indent, 'cause');
  return children;
}

/** A frame of an engine other than V8. The name ends at the first `@`: a stack from elsewhere that is a long row of them would be read again for each. */
const otherFrame = /^[^\s:@]*@\S+:\d+:\d+$/;

/** Lines of a stack that are frames, as V8 writes them or as the others do. */
function framesOf(node: object): string[] {
  const lines = (readString(node, 'stack') ?? '').split('\n').map((line) => line.trim());
  const v8 = lines.filter((line) => line.startsWith('at '));
  return v8.length > 0 ? v8 : lines.filter((line) => otherFrame.test(line));
}

/**
 * What two stacks have in common: a run of frames up to the end of at least one of them. Not of both, as each is cut off after so many frames
 * (`Error.stackTraceLimit`): the one that was captured further in has lost more of the frames that they came from.
 */
function sharedRun(
  frames: readonly string[],
  above: readonly string[],
): { readonly end: number; readonly length: number } {
  const upTo = (end: number, aboveEnd: number): { end: number; length: number } => {
    let length = 0;
    while (length < Math.min(end, aboveEnd) && frames[end - 1 - length] === above[aboveEnd - 1 - length]) length++;
    return { end, length };
  };
  const cutBelow = upTo(frames.length, above.lastIndexOf(frames.at(-1) ?? '') + 1);
  const cutAbove = upTo(frames.lastIndexOf(above.at(-1) ?? '') + 1, above.length);
  return cutBelow.length >= cutAbove.length ? cutBelow : cutAbove;
}

type Style = 'name' | 'code' | 'frame';
const escapes: Readonly<Record<Style, readonly [number, number]>> = { name: [31, 39], code: [33, 39], frame: [2, 22] };

function paint(text: string, style: Style): string {
  const [on, off] = escapes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
