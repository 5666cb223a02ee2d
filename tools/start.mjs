/** `npm start`: installs what is missing, builds when a source is newer than the build, and serves the page here. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const sources = ['index.html', 'vite.config.ts', 'package-lock.json', 'src', 'shaders', 'public'];

// What goes wrong here is said in a sentence; a stack trace would only hide it.
process.on('uncaughtException', (error) => {
  console.error(error.message);
  process.exit(1);
});

ensureInstalled();
process.chdir(root);
const { build, preview } = await import('vite');
if (newest(sources) > newest(['dist/index.html'])) await build();

const port = process.env.PORT;
const server = await preview({
  preview: { host: '127.0.0.1', port: Number(port ?? 4173), strictPort: port !== undefined },
});
console.log(`\nUnmask is at ${server.resolvedUrls.local[0]}\nCtrl+C stops it.`);

/** Time of the newest file among `paths` and everything below them; 0 if there is none. */
function newest(paths) {
  const times = paths.map((path) => {
    const file = statSync(path, { throwIfNoEntry: false });
    if (!file) return 0;
    return file.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : file.mtimeMs;
  });
  return Math.max(0, ...times);
}
