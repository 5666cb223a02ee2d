/**
 * Test files of one worker share its process, which saves every file the start of one and the loading of packages. Here
 * each begins as if it were alone: our own modules are read anew, with their stores empty, and what a file before it had
 * put among the globals (a document, a location, a worker) is as it was.
 */
import { afterAll, vi } from 'vitest';

vi.resetModules();

const globals = new Map(Reflect.ownKeys(globalThis).map((key) => [key, descriptor(key)]));
const environment = { ...process.env };

afterAll(() => {
  vi.useRealTimers();
  for (const key of new Set([...globals.keys(), ...Reflect.ownKeys(globalThis)])) {
    const [was, is] = [globals.get(key), descriptor(key)];
    // Vitest's own are Vitest's to keep.
    if ((typeof key === 'string' && key.startsWith('__vi')) || is?.configurable === false) continue;
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
