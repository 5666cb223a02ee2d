/**
 * Lets Node read Vite's `?raw` imports, so that `import source from '…/matmul.wgsl?raw'` works in scripts too.
 * Use: `node --import tsx --import ./src/cli/raw-hooks.mjs script.ts`.
 */
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Node runs loader hooks on a thread of their own, where this file is imported a second time.
if (isMainThread) register(import.meta.url);

const isRaw = (specifier) => specifier.endsWith('?raw');

export async function resolve(specifier, context, next) {
  if (!isRaw(specifier)) return next(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!isRaw(url)) return next(url, context);
  const text = await readFile(new URL(url.slice(0, -'?raw'.length)), 'utf8');
  return { source: `export default ${JSON.stringify(text)};`, format: 'module', shortCircuit: true };
}
