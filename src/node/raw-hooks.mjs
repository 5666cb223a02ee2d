/**
 * Lets Node read Vite's `?raw` imports, so that `import source from '…/matmul.wgsl?raw'` works in scripts too, and the
 * modules of tfjs that its package for Node leaves out (gradients), which name each other without their endings.
 * Use: `node --import tsx --import ./src/node/raw-hooks.mjs script.ts`; in Deno, which notebooks run on, import it first.
 */
import { existsSync, readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Deno has only hooks of its own thread; Node 20 has only those on another, where this file is imported a second time.
if ('Deno' in globalThis) modules.registerHooks({ resolve, load });
else if (isMainThread) modules.register(import.meta.url);

const isRaw = (specifier) => specifier.endsWith('?raw');
const isInTfjs = ({ parentURL = '' }) => parentURL.includes('/@tensorflow/tfjs-core/dist/');

export function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && isInTfjs(context)) {
    const file = new URL(`${specifier}.js`, context.parentURL);
    if (existsSync(file)) return next(file.href, context);
  }
  if (!isRaw(specifier)) return next(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export function load(url, context, next) {
  if (!isRaw(url)) return next(url, context);
  const text = readFileSync(new URL(url.slice(0, -'?raw'.length)), 'utf8');
  return { source: `export default ${JSON.stringify(text)};`, format: 'module', shortCircuit: true };
}
