/** Builds the service worker (src/offline/worker.ts) with the list of all files that the build made. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';

/** Not needed by the page: notes beside the models, the picture of the README, the build's own notes. */
const without = /[.]md$|^preview[.]png$|^[.]vite\/|^sw[.]js$/;
/** ONNX Runtime, for GPT-2 and the bench, the bench's whole tfjs, and the models that are fetched on demand: 63 MB that few visitors want. */
const later = /^assets\/(ort-.*[.]wasm|tfjs-[\w-]{8}[.]js)$|^models\/(tales|stories-edit|tiny-chat)\//;

export function offline(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'offline',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    async closeBundle() {
      const folder = resolve(config.root, config.build.outDir);
      const files = Object.fromEntries(
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
          .filter((path) => !without.test(path))
          .sort()
          .map((path) => {
            const bytes = readFileSync(join(folder, path));
            const hash = createHash('sha256').update(bytes).digest('hex');
            return [path, { hash, size: bytes.length, ...(later.test(path) && { later: true }) }];
          }),
      );
      await build({
        configFile: false,
        root: config.root,
        publicDir: false,
        logLevel: 'warn',
        define: { __FILES__: JSON.stringify(files) },
        build: {
          outDir: folder,
          emptyOutDir: false,
          target: 'es2022',
          rolldownOptions: {
            input: join(config.root, 'src/offline/worker.ts'),
            output: { format: 'iife', entryFileNames: 'sw.js' },
          },
        },
      });
    },
  };
}
