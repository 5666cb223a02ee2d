/**
 * Lets Node read Vite's `?raw` imports, so that `import source from '…/matmul.wgsl?raw'` works in scripts too, and tfjs:
 * the modules that its package for Node leaves out (gradients), which name each other without their endings, and, instead
 * of what that package names, which is compiled for engines of 2015, the build beside it, a third faster on the processor.
 * Use: `node --import tsx --import ./src/node/raw-hooks.mjs script.ts`; in Deno, which notebooks run on, import it first.
 */
import { existsSync, readFileSync } from 'node:fs';
import * as modules from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// Deno has only hooks of its own thread; Node 20 has only those on another, where this file is imported a second time.
if ('Deno' in globalThis) modules.registerHooks({ resolve, load });
else if (isMainThread) modules.register(import.meta.url);

const isRaw = (specifier) => specifier.endsWith('?raw');
const isInTfjs = ({ parentURL = '' }) => parentURL.includes('/@tensorflow/tfjs-core/dist/');
const modern = /^@tensorflow[/]tfjs-(core|backend-(cpu|wasm|webgpu))$/;
const root = new URL('../../node_modules/', import.meta.url);

export function resolve(specifier, context, next) {
  const build = 'Deno' in globalThis ? undefined : modern.exec(specifier)?.[1];
  if (build) {
    const { href } = new URL(`${specifier}/dist/tf-${build}.fesm.js`, root);
    return { url: href, format: 'module', shortCircuit: true };
  }
  if (specifier.startsWith('.') && isInTfjs(context)) {
    const file = new URL(`${specifier}.js`, context.parentURL);
    if (existsSync(file)) return next(file.href, context);
  }
  if (!isRaw(specifier)) return next(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export function load(url, context, next) {
  if (url.endsWith('.fesm.js')) return { source: asModule(new URL(url)), format: 'module', shortCircuit: true };
  if (!isRaw(url)) return next(url, context);
  const text = readFileSync(new URL(url.slice(0, -'?raw'.length)), 'utf8');
  return { source: `export default ${JSON.stringify(text)};`, format: 'module', shortCircuit: true };
}

/** These builds find `require` and the folder that they lie in, and a package of the old kind, as a bundler gives them. */
function asModule(url) {
  const given = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url), __dirname = ${JSON.stringify(fileURLToPath(new URL('.', url)))};`;
  return given + readFileSync(url, 'utf8').replace('import * as seedrandom from', 'import seedrandom from');
}
