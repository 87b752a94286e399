import type { Budget } from './budget.ts';
import { isError } from './error-type.ts';
import { isArray, isObject, ownKeys, read, readString } from './read.ts';
import { redacted, type IsSecret } from './redact.ts';
import { retryAfterHeaderOf } from './retry-after.ts';
import { maxNesting, type Draft, type Json } from './serialized-error.ts';
import { lengthOf } from './walk.ts';

/** What a value became, and whether a limit cut something off. Nothing is left of what is no JSON. */
export interface Jsonified {
  readonly json: Json | undefined;
  readonly truncated: boolean;
}

/**
 * Any value as plain JSON, as `JSON.stringify` sees it, but: a bigint becomes a string, an error its name, message and code, cycles are dropped, nothing throws,
 * and what is secret or too much is left out. `key` is the last segment of the path to the value itself, if it has one.
 */
export function toJson(value: unknown, budget: Budget, isSecret: IsSecret, key?: string): Jsonified {
  const writer = new Writer(budget, isSecret);
  const json = key === undefined ? writer.write(value, 0) : writer.writeAt(key, value, 0);
  return { json, truncated: writer.truncated };
}

class Writer {
  truncated = false;
  readonly #budget: Budget;
  readonly #isSecret: IsSecret;
  readonly #open = new Set<object>();

  constructor(budget: Budget, isSecret: IsSecret) {
    this.#budget = budget;
    this.#isSecret = isSecret;
  }

  /** Of what is no JSON there is nothing to hide. */
  writeAt(key: string, value: unknown, depth: number): Json | undefined {
    return isWritable(value) ? this.write(this.#isSecret(key, value) ? redacted : value, depth) : undefined;
  }

  write(value: unknown, depth: number): Json | undefined {
    switch (typeof value) {
      case 'string':
        return this.#fits(this.#budget.takeText(value)) ? value : undefined;
      case 'bigint':
        return this.write(String(value), depth);
      case 'number':
        // JSON has no negative zero: adding zero makes it the plain one.
        return this.#scalar(Number.isFinite(value) ? value + 0 : null);
      case 'boolean':
        return this.#scalar(value);
      case 'object':
        if (value === null) return this.#scalar(null);
        return this.#open.has(value) ? undefined : this.#writeObject(value, depth);
      default:
        return undefined;
    }
  }

  #scalar(value: number | boolean | null): Json | undefined {
    return this.#fits(this.#budget.takeScalar(value)) ? value : undefined;
  }

  #writeObject(value: object, depth: number): Json | undefined {
    if (!this.#fits(depth < maxNesting && this.#budget.take(2))) return undefined;
    this.#open.add(value);
    try {
      const replaced = replacementOf(value);
      if (replaced !== value) return this.write(replaced, depth + 1);
      return isArray(value) ? this.#writeElements(value, depth) : this.#writeMembers(value, depth);
    } finally {
      this.#open.delete(value);
    }
  }

  #writeElements(array: readonly unknown[], depth: number): Json[] {
    const elements: Json[] = [];
    const length = lengthOf(array);
    for (let i = 0; i < length; i++) {
      if (!this.#fits(this.#budget.take(1))) break;
      const element = this.writeAt(String(i), read(array, i), depth + 1) ?? this.#scalar(null);
      // Not even room for a null: what follows would move up.
      if (element === undefined) break;
      elements.push(element);
    }
    return elements;
  }

  #writeMembers(object: object, depth: number): Json {
    const members: Draft<Record<string, Json>> = {};
    for (const key of ownKeys(object)) {
      const value = read(object, key);
      if (!isWritable(value) || !this.#fits(this.#budget.takeKey(key))) continue;
      const json = this.writeAt(key, value, depth + 1);
      if (json !== undefined) members[key] = json;
    }
    return members;
  }

  #fits(taken: boolean): boolean {
    if (!taken) this.truncated = true;
    return taken;
  }
}

function isWritable(value: unknown): boolean {
  return value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
}

/** What stands for it: a date its text, an error what it says. A `Response` of fetch has no properties of its own: what is classified by. */
function replacementOf(value: object): unknown {
  const toJSON = read(value, 'toJSON');
  if (typeof toJSON === 'function') {
    try {
      return Reflect.apply(toJSON as () => unknown, value, ['']);
    } catch {
      return undefined;
    }
  }
  if (readString(value, Symbol.toStringTag) === 'Response') {
    const retryAfter = retryAfterHeaderOf(read(value, 'headers'));
    return {
      status: read(value, 'status'),
      headers: retryAfter === undefined ? undefined : { 'retry-after': retryAfter },
    };
  }
  if (!isError(value)) return value;
  const code = read(value, 'code');
  return {
    name: readString(value, 'name'),
    message: readString(value, 'message'),
    code: isObject(code) ? undefined : code,
  };
}
