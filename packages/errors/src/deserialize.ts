import { Budget } from './budget.ts';
import { defineHidden } from './brand.ts';
import { refuse, refusing } from './deserialize-error.ts';
import { JoinedError } from './join.ts';
import { isErrorKind } from './kind.ts';
import { isArray, isObject, ownKeys, read, readOwn } from './read.ts';
import type { CodedError, RegisteredErrorClass } from './registry.ts';
import type { Words } from './remote-error.ts';
import { isAggregate, knownOf, revive, type Known } from './revive.ts';
import { limitsOf, maxNesting, type Draft, type Json, type SerializationLimits } from './serialized-error.ts';
import type { ErrorType } from './error-type.ts';

export interface DeserializeOptions extends SerializationLimits {
  /**
   * Only these classes come back, besides the built-in ones. @defaultValue all that {@link defineError}, {@link sentinel} and {@link register} have seen, and
   * the classes of our packages that are loaded
   */
  readonly registry?: Iterable<RegisteredErrorClass | CodedError> | undefined;
}

/**
 * The error again. A registered code gives an instance of its class, or the sentinel itself; `Error`, its standard subclasses and `AggregateError` come back as
 * they were; any other class as a {@link RemoteError}, whose serialised form is the one it came from. No constructor is run, nothing unregistered is
 * instantiated, no prototype is touched.
 * @throws {DeserializeError} and nothing else: for what is no {@link SerializedError} (JSON text included: parse it first) or exceeds a limit
 */
export function deserialize(json: unknown, options?: DeserializeOptions): Error {
  return refusing(() => new Deserializer(options).deserialize(json));
}

/** A document yet to be read, and what to do with what it says. */
interface Task {
  readonly json: unknown;
  readonly depth: number;
  readonly give: (value: unknown) => void;
}

class Deserializer {
  readonly #limits: ReturnType<typeof limitsOf>;
  readonly #budget: Budget;
  readonly #known: Known;
  readonly #tasks: Task[] = [];
  /** Lists to be frozen when they are full. */
  readonly #joined: unknown[][] = [];

  constructor(options: DeserializeOptions | undefined) {
    this.#limits = limitsOf(options);
    this.#budget = new Budget(this.#limits.maxBytes);
    this.#known = knownOf(options?.registry);
  }

  deserialize(json: unknown): Error {
    const root = this.#readError(json, 1);
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) task.give(this.#readNode(task));
    this.#joined.forEach(Object.freeze);
    return root;
  }

  #readNode({ json, depth }: Task): unknown {
    if (depth > this.#limits.maxDepth) refuse(`deeper than ${this.#limits.maxDepth} nodes`);
    if (readOwn(json, 'type') !== 'value') return this.#readError(json, depth);
    this.#take(this.#budget.takeNode());
    return this.#copy(readOwn(json, 'value'), 0);
  }

  #readError(json: unknown, depth: number): Error {
    if (!isObject(json) || isArray(json)) return refuse('not a serialized error: not an object');
    if (readOwn(json, 'type') !== 'error') refuse("not a serialized error: type is not 'error'");
    if (readOwn(json, 'version') !== 1) refuse('not a serialized error: version is not 1');
    this.#take(this.#budget.takeNode());
    const words = this.#readWords(json);
    const message = this.#string(json, 'message') ?? refuse('not a serialized error: no message');
    const { error, isShared } = revive(words, message, this.#string(json, 'stack'), this.#known);
    const cause = readOwn(json, 'cause');
    const errors = readOwn(json, 'errors');
    if (errors !== undefined && !isArray(errors)) refuse('errors is no array');
    if (isShared) return error;
    if (errors !== undefined || isAggregate(error.constructor as ErrorType)) {
      this.#planErrors(error, errors ?? [], depth);
    }
    if (cause !== undefined)
      this.#plan(cause, depth, (value) => {
        defineHidden(error, 'cause', value);
      });
    return error;
  }

  #planErrors(error: Error, errors: readonly unknown[], depth: number): void {
    if (errors.length > this.#limits.maxBreadth) refuse(`more than ${this.#limits.maxBreadth} errors`);
    const list = errors.map((): unknown => undefined);
    if (error instanceof JoinedError) this.#joined.push(list);
    Object.defineProperty(error, 'errors', {
      value: list,
      writable: true,
      configurable: true,
      // Of an AggregateError they are hidden; where a class declares a field they are not.
      enumerable: !isAggregate(error.constructor as ErrorType),
    });
    for (let i = errors.length - 1; i >= 0; i--)
      this.#plan(errors[i], depth, (value) => {
        list[i] = value;
      });
  }

  #plan(json: unknown, depth: number, give: (value: unknown) => void): void {
    this.#tasks.push({ json, depth: depth + 1, give });
  }

  #readWords(json: object): Words {
    const words: Draft<Words> = { name: this.#string(json, 'name') ?? refuse('not a serialized error: no name') };
    const code = readOwn(json, 'code');
    if (typeof code === 'number') words.code = code;
    else if (code !== undefined) words.code = this.#string(json, 'code') ?? refuse('code is no string');
    const kind = readOwn(json, 'kind');
    if (kind !== undefined) words.kind = isErrorKind(kind) ? kind : refuse('no such kind');
    const retryable = readOwn(json, 'retryable');
    if (retryable !== undefined)
      words.retryable = typeof retryable === 'boolean' ? retryable : refuse('retryable is no boolean');
    const delay = readOwn(json, 'retryAfterMs');
    if (delay !== undefined) words.retryAfterMs = isDelay(delay) ? delay : refuse('retryAfterMs is no delay');
    const policy = this.#string(json, 'policy');
    if (policy !== undefined) words.policy = policy;
    const details = this.#members(json, 'details');
    if (details !== undefined) words.details = details;
    const fields = this.#members(json, 'fields');
    if (fields !== undefined) words.fields = fields;
    if (readOwn(json, 'truncated') === true) words.truncated = true;
    return words;
  }

  #string(json: object, key: string): string | undefined {
    const value = readOwn(json, key);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') return refuse(`${key} is no string`);
    this.#take(this.#budget.takeText(value));
    return value;
  }

  #members(json: object, key: string): Readonly<Record<string, Json>> | undefined {
    const value = readOwn(json, key);
    if (value === undefined) return undefined;
    if (!isObject(value) || isArray(value)) return refuse(`${key} is no object`);
    return this.#copy(value, 0) as Readonly<Record<string, Json>>;
  }

  /** A copy, so that what the document's owner does to it later does not reach the error. */
  #copy(value: unknown, depth: number): Json {
    if (typeof value === 'string') {
      this.#take(this.#budget.takeText(value));
      return value;
    }
    if (value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
      this.#take(this.#budget.takeScalar(value));
      return value;
    }
    if (typeof value !== 'object') return refuse('not JSON');
    if (depth >= maxNesting) refuse(`nested deeper than ${maxNesting} levels`);
    this.#take(this.#budget.take(2));
    if (isArray(value)) return this.#copyElements(value, depth);
    const copy: Record<string, Json> = {};
    for (const key of ownKeys(value)) {
      this.#take(this.#budget.takeKey(key));
      copy[key] = this.#copy(read(value, key), depth + 1);
    }
    return copy;
  }

  #copyElements(array: readonly unknown[], depth: number): Json[] {
    const copy: Json[] = [];
    for (let i = 0; i < array.length; i++) {
      this.#take(this.#budget.take(1));
      copy.push(this.#copy(array[i], depth + 1));
    }
    return copy;
  }

  #take(taken: boolean): void {
    if (!taken) refuse(`more than ${this.#limits.maxBytes} bytes`);
  }
}

function isDelay(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && value >= 0 && value < Infinity);
}
