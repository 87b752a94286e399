/** The codes of this package, each with its class: whoever had one as well would be taken for that class, or come back as it. */
const owners: ReadonlyMap<string, string> = new Map([
  ['ERR_PATTERN', 'PatternError'],
  ['ERR_WRAPPED', 'WrappedError'],
  ['ERR_JOINED', 'JoinedError'],
  ['ERR_PERMANENT', 'PermanentError'],
  ['ERR_TRANSIENT', 'TransientError'],
  ['ERR_MARKED', 'MarkedError'],
  ['ERR_OPAQUE', 'OpaqueError'],
  ['ERR_REMOTE', 'RemoteError'],
  ['ERR_DESERIALIZE', 'DeserializeError'],
]);

/** @throws {TypeError} for a code of ours, unless `name` is that of its class, which another copy of the package has too */
export function checkOwner(code: string, name: string | undefined): void {
  const owner = owners.get(code);
  if (owner !== undefined && owner !== name) throw new TypeError(`code '${code}' is taken by class ${owner}`);
}
