import { Budget, cut, sizeOf } from './budget.ts';
import { delayOf, kindOf, retryableOf, statedKindOf } from './classify.ts';
import { detailsOf, plain } from './details.ts';
import { ensureError } from './ensure-error.ts';
import { isError } from './error-type.ts';
import type { ErrorKind } from './kind.ts';
import { ownKeys, read, readOwn, readString } from './read.ts';
import { secretsOf, type IsSecret, type Redaction } from './redact.ts';
import { originOf } from './remote-error.ts';
import { retryAfterOf } from './retry-after.ts';
import {
  limitsOf,
  memberNames,
  type Draft,
  type Json,
  type SerializationLimits,
  type SerializedError,
  type SerializedValue,
} from './serialized-error.ts';
import { toJson } from './to-json.ts';
import { causeOf, errorsOf, lengthOf, notFound, search } from './walk.ts';

export interface SerializeOptions extends SerializationLimits {
  /** @defaultValue false */
  readonly stack?: boolean | undefined;
  /** @defaultValue true */
  readonly redact?: Redaction | undefined;
}

/**
 * Plain JSON: name, code, details, causes, aggregates. What exceeds a limit is left out and marked `truncated`; what is no JSON (functions, symbols, cycles) is
 * dropped, a bigint becomes a string. Names, messages and causes take precedence over details, and those over stacks, where there is not room for all.
 * Never throws. Errors of {@link wrap} and the other functions here keep their class; a {@link mark} lasts if its reference is registered; {@link opaque} and
 * {@link attach} hide from the wire what they hide here.
 */
export function serialize(err: unknown, options?: SerializeOptions): SerializedError {
  return new Serializer(ensureError(err), options).serialize();
}

type Node = Draft<SerializedError>;
type Word = 'code' | 'kind' | 'retryable' | 'retryAfterMs' | 'policy';

/** Where a child belongs. */
interface Place {
  readonly parent: Node;
  readonly list: (SerializedError | SerializedValue)[] | undefined;
  /** Last segment of its path. */
  readonly key: string;
  readonly depth: number;
}

/** Steps of a walk that is iterative, so that no depth overflows: into a node, or out of one whose children are done. */
type Step = { readonly enter: unknown; readonly place: Place } | { readonly leave: object };

class Serializer {
  readonly #root: Error;
  readonly #limits: ReturnType<typeof limitsOf>;
  readonly #budget: Budget;
  readonly #isSecret: IsSecret;
  readonly #withStack: boolean;
  /** Ancestors of the node at hand: one that comes again is a cycle. */
  readonly #open = new Set<unknown>();
  /** In the order in which they were met, for what is added when all of them have got a place. */
  readonly #nodes: [Error, Node][] = [];
  readonly #steps: Step[] = [];
  /** Whether any node does; asked when it matters. */
  #statesDelay: boolean | undefined;

  constructor(root: Error, options: SerializeOptions | undefined) {
    this.#root = root;
    this.#limits = limitsOf(options);
    this.#budget = new Budget(this.#limits.maxBytes);
    this.#isSecret = secretsOf(options?.redact);
    this.#withStack = options?.stack === true;
  }

  serialize(): SerializedError {
    this.#budget.takeNode();
    const root = this.#makeNode(this.#root);
    this.#visitChildren(this.#root, root, 1);
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      if ('leave' in step) this.#open.delete(step.leave);
      else this.#enter(step.enter, step.place);
    }
    for (const [source, node] of this.#nodes) this.#addDetails(source, node);
    if (this.#withStack) for (const [source, node] of this.#nodes) this.#addStack(source, node);
    return root;
  }

  #enter(child: unknown, { parent, list, key, depth }: Place): void {
    if (this.#open.has(child)) return;
    if (depth > this.#limits.maxDepth || !this.#budget.takeNode()) {
      parent.truncated = true;
      return;
    }
    const made = isError(child) ? this.#makeNode(child) : this.#makeValue(child, key, parent);
    if (made === undefined) return;
    if (list === undefined) parent.cause = made;
    else list.push(made);
    if (made.type === 'error') this.#visitChildren(child as Error, made, depth);
  }

  /** What goes in first comes out last. */
  #visitChildren(error: Error, node: Node, depth: number): void {
    this.#open.add(error);
    this.#steps.push({ leave: error });
    const errors = errorsOf(error);
    if (errors !== undefined) {
      const list: (SerializedError | SerializedValue)[] = [];
      node.errors = list;
      const length = lengthOf(errors);
      const shown = Math.min(length, this.#limits.maxBreadth);
      if (shown < length) node.truncated = true;
      for (let i = shown - 1; i >= 0; i--)
        this.#plan(read(errors, i), { parent: node, list, key: String(i), depth: depth + 1 });
    }
    this.#plan(causeOf(error), { parent: node, list: undefined, key: 'cause', depth: depth + 1 });
  }

  #plan(child: unknown, place: Place): void {
    if (child !== undefined) this.#steps.push({ enter: child, place });
  }

  #makeValue(value: unknown, key: string, parent: Node): SerializedValue | undefined {
    const { json, truncated } = toJson(value, this.#budget, this.#isSecret, key);
    if (truncated) parent.truncated = true;
    return json === undefined ? undefined : { type: 'value', value: json };
  }

  /** What it says in a word or two; there is always room for that. */
  #makeNode(error: Error): Node {
    const origin = originOf(error);
    const node: Node = { type: 'error', version: 1, name: '', message: '' };
    node.name = this.#text(node, origin?.name ?? nameOf(error));
    node.message = this.#text(node, readString(error, 'message') ?? '');
    const words = origin ?? this.#wordsOf(error);
    for (const key of ['code', 'kind', 'retryable', 'retryAfterMs', 'policy'] as const) {
      const word = words[key];
      if (word === undefined) continue;
      if (this.#budget.takeKey(key) && this.#budget.take(sizeOf(String(word), this.#budget.left))) {
        Object.assign(node, { [key]: word });
      } else node.truncated = true;
    }
    if (origin?.truncated === true) node.truncated = true;
    this.#nodes.push([error, node]);
    return node;
  }

  #wordsOf(error: Error): { readonly [K in Word]: Node[K] } {
    const delay = delayOf(error) ?? this.#headerDelayOf(error);
    return {
      code: codeOf(error),
      kind: statedKindOf(error) ?? this.#kindLostOf(error),
      retryable: retryableOf(error),
      retryAfterMs: delay === Infinity ? null : delay,
      policy: readString(error, 'policy'),
    };
  }

  /**
   * What it says through something that does not cross the wire, a `response`, a member of its class, a number that will be text:
   * its kind, unless what is left of it says the same.
   */
  #kindLostOf(error: Error): ErrorKind | undefined {
    const kind = kindOf(error);
    if (kind === undefined) return undefined;
    const left: Record<string, unknown> = fieldsOf(error);
    for (const key of Object.keys(left)) if (this.#isSecret(key, left[key])) left[key] = undefined;
    left['name'] = nameOf(error);
    left['message'] = readString(error, 'message');
    left['code'] = codeOf(error)?.toString();
    return kindOf(left) === kind ? undefined : kind;
  }

  /** For {@link classify} a header counts only where nothing in the tree states a delay; on the other side it is a statement. */
  #headerDelayOf(error: Error): number | undefined {
    const delay = retryAfterOf(error);
    if (delay === undefined) return undefined;
    this.#statesDelay ??= search(this.#root, statesDelay, undefined) !== notFound;
    return this.#statesDelay ? undefined : delay;
  }

  /** One that does not fit leaves half of the room to the nodes after it. */
  #text(node: Node, text: string): string {
    if (this.#budget.takeText(text)) return text;
    node.truncated = true;
    const part = cut(text, this.#budget.left / 2);
    this.#budget.takeText(part);
    return part;
  }

  #addDetails(error: Error, node: Node): void {
    const origin = originOf(error);
    this.#addMembers(node, 'details', origin === undefined ? detailsOf(error) : origin.details);
    this.#addMembers(node, 'fields', origin === undefined ? fieldsOf(error) : origin.fields);
  }

  #addMembers(node: Node, key: 'details' | 'fields', members: object | undefined): void {
    if (members === undefined || ownKeys(members).length === 0) return;
    if (!this.#budget.takeKey(key)) {
      node.truncated = true;
      return;
    }
    const { json, truncated } = toJson(plain(members), this.#budget, this.#isSecret);
    if (truncated) node.truncated = true;
    if (json !== undefined && Object.keys(json as object).length > 0) node[key] = json as Record<string, Json>;
  }

  #addStack(error: Error, node: Node): void {
    const stack = readString(error, 'stack');
    if (stack === undefined) return;
    if (this.#budget.takeKey('stack') && this.#budget.takeText(stack)) node.stack = stack;
    else node.truncated = true;
  }
}

export function nameOf(error: Error): string {
  return readString(error, 'name') ?? readString(read(error, 'constructor'), 'name') ?? 'Error';
}

function statesDelay(node: unknown): boolean {
  return delayOf(node) !== undefined;
}

/** A numeric one only if it is the error's own: a DOMException inherits numbers from before it had a name. */
export function codeOf(error: Error): string | number | undefined {
  const code = read(error, 'code');
  if (typeof code === 'string') return code;
  const own = readOwn(error, 'code');
  return typeof own === 'number' && Number.isFinite(own) ? own : undefined;
}

export function fieldsOf(error: Error): Record<string, Json> {
  const fields: Record<string, Json> = {};
  for (const key of ownKeys(error)) {
    const value = read(error, key);
    if (!memberNames.has(key) && isScalar(value)) fields[key] = value;
  }
  return fields;
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
