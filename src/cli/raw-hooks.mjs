/**
 * Lets Node read Vite's `?raw` imports, so that `import source from '…/matmul.wgsl?raw'` works in scripts too, and the
 * modules of tfjs that its package for Node leaves out (gradients), which name each other without their endings.
 * Use: `node --import tsx --import ./src/cli/raw-hooks.mjs script.ts`.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Node runs loader hooks on a thread of their own, where this file is imported a second time.
if (isMainThread) register(import.meta.url);

const isRaw = (specifier) => specifier.endsWith('?raw');
const isInTfjs = ({ parentURL = '' }) => parentURL.includes('/@tensorflow/tfjs-core/dist/');

export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && isInTfjs(context)) {
    const file = new URL(`${specifier}.js`, context.parentURL);
    if (existsSync(file)) return next(file.href, context);
  }
  if (!isRaw(specifier)) return next(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export async function load(url, context, next) {
  if (!isRaw(url)) return next(url, context);
  const text = await readFile(new URL(url.slice(0, -'?raw'.length)), 'utf8');
  return { source: `export default ${JSON.stringify(text)};`, format: 'module', shortCircuit: true };
}
