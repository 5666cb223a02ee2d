/**
 * Test files of one worker share its process, which saves every file the start of one and the loading of packages. Here
 * each begins as if it were alone: our own modules are read anew, with their stores empty, what a file before it had put
 * among the globals (a document, a location, a worker) is as it was, and none of its timers is left.
 */
import { afterAll, vi } from 'vitest';

interface Loaded {
  promise: unknown;
  exports: unknown;
  evaluated: boolean;
}
const { evaluatedModules } = (
  globalThis as unknown as { __vitest_worker__: { evaluatedModules: { idToModuleMap: Map<string, Loaded> } } }
).__vitest_worker__;
// Packages stay, those too that Vitest loads because Node cannot: tfjs would take its time and register all kernels again.
const packages = [...evaluatedModules.idToModuleMap]
  .filter(([path]) => path.includes('/node_modules/@tensorflow/'))
  .map(([, module]) => ({ module, promise: module.promise, exports: module.exports, evaluated: module.evaluated }));
vi.resetModules();
for (const { module, ...loaded } of packages) Object.assign(module, loaded);

type Timer = (run: () => void, milliseconds?: number, ...given: unknown[]) => NodeJS.Timeout;
const clock = globalThis as unknown as Record<'setTimeout' | 'setInterval', Timer>;
const timers = new Set<NodeJS.Timeout>();
for (const name of ['setTimeout', 'setInterval'] as const) {
  const plain = clock[name];
  const noted: Timer = (...given) => {
    const timer = plain(...given);
    timers.add(timer);
    return timer;
  };
  clock[name] = Object.assign(noted, plain);
}

const globals = new Map(Reflect.ownKeys(globalThis).map((key) => [key, descriptor(key)]));
const environment = { ...process.env };

afterAll(() => {
  vi.useRealTimers();
  for (const timer of timers) clearTimeout(timer);
  for (const key of new Set([...globals.keys(), ...Reflect.ownKeys(globalThis)])) {
    const [was, is] = [globals.get(key), descriptor(key)];
    // Packages stay loaded, and with them what Vitest and tfjs keep there.
    if (/^(__vi|_tf)/.test(String(key)) || is?.configurable === false) continue;
    if (was === undefined) Reflect.deleteProperty(globalThis, key);
    else if (is === undefined || was.value !== is.value || was.get !== is.get)
      Object.defineProperty(globalThis, key, was);
  }
  for (const key of Object.keys(process.env)) if (!(key in environment)) delete process.env[key];
  Object.assign(process.env, environment);
});

function descriptor(key: PropertyKey): PropertyDescriptor | undefined {
  return Object.getOwnPropertyDescriptor(globalThis, key);
}
