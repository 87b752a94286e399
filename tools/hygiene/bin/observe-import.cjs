const { AsyncLocalStorage, AsyncResource, createHook } = require('node:async_hooks');

// Run from a copy in the folder of a user, so that the specifier resolves as it would for them.
const [format = '', specifier = ''] = process.argv.slice(2);
const effects = new Set();

// What loading a module takes by itself.
const ordinary = /^(PROMISE|TickObject|Microtask|FSREQ.*|FILEHANDLE.*|RANDOMBYTESREQUEST)$/;
/**
 * One that says so holds no process: it remembers who was there, and nothing has begun.
 *
 * @param {object} resource
 */
const isIdle = (resource) =>
  resource instanceof AsyncResource &&
  'hasRef' in resource &&
  typeof resource.hasRef === 'function' &&
  resource.hasRef() === false;
const hook = createHook({
  init: (_id, type, _trigger, resource) => {
    if (!ordinary.test(type) && !isIdle(resource)) effects.add(`starts a ${type}`);
  },
});

for (const method of /** @type {const} */ (['run', 'enterWith'])) {
  const original = AsyncLocalStorage.prototype[method];
  Object.defineProperty(AsyncLocalStorage.prototype, method, {
    value: /** @this {unknown} @param {unknown[]} parameters */ function (...parameters) {
      effects.add('enters an AsyncLocalStorage store');
      return Reflect.apply(original, this, parameters);
    },
  });
}

/** @returns {Map<string | symbol, number>} */
const listeners = () => new Map(process.eventNames().map((name) => [name, process.listenerCount(name)]));
const globals = () => Reflect.ownKeys(globalThis);

void (async () => {
  const listening = listeners();
  const known = new Set(globals());
  const loaded = Object.keys(require.cache).length;

  hook.enable();
  if (format === 'require') require(specifier);
  else await import(specifier);
  hook.disable();

  for (const [name, count] of listeners()) {
    if (count > (listening.get(name) ?? 0)) effects.add(`listens to ${String(name)} of process`);
  }
  for (const key of globals().filter((key) => !known.has(key))) {
    // What is one for the whole process has a name of ours.
    const isOurs = typeof key === 'symbol' && key.description?.startsWith('@patterns/') === true;
    if (!isOurs) effects.add(`defines the global ${String(key)}`);
  }
  const modules = Object.keys(require.cache).length - loaded;
  process.stdout.write(JSON.stringify({ effects: [...effects], modules }), () => process.exit());
})();
