/**
 * `npm start`: installs what is missing, builds when a source is newer than the build, and serves the page here.
 * `npm start -- --host` serves it to the network too and prints the address for others; `--host H` on one address.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';
import { showing } from './progress.mjs';

const sources = ['index.html', 'vite.config.ts', 'package-lock.json', 'src', 'shaders', 'public', 'tools'];

// What goes wrong here is said in a sentence; a stack trace would only hide it.
process.on('uncaughtException', (error) => {
  console.error(error.message);
  process.exit(1);
});

const host = hostOf(process.argv.slice(2));
await ensureInstalled();
process.chdir(root);
const { build, preview } = await import('vite');
if (newest(sources) > newest(['dist/index.html'])) await buildPage();

const port = process.env.PORT;
const open = host !== '127.0.0.1';
/** Tells the page, which only knows the address it was opened at, by which ones others reach it: for links to a class. */
const lan = {
  name: 'lan',
  configurePreviewServer(server) {
    server.middlewares.use('/lan.json', (_, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('Cache-Control', 'no-store');
      response.end(JSON.stringify(open ? (server.resolvedUrls?.network ?? []) : null));
    });
  },
};
const server = await preview({
  logLevel: 'warn',
  plugins: [lan],
  // Others may know this machine by a name that Vite does not.
  preview: { host, port: Number(port ?? 4173), strictPort: port !== undefined, ...(open && { allowedHosts: true }) },
});
const { local = [], network = [] } = server.resolvedUrls;
console.log(`Unmask is at ${local[0] ?? network[0]}`);
if (open) {
  for (const address of network) console.log(`For others:  ${address}`);
  if (network.length === 0) console.log('This machine has no address in a network at the moment.');
  console.log('Over plain http, browsers on other machines offer neither WebGPU nor storage.');
}
console.log('Ctrl+C stops it.');

/** The address to listen at. */
function hostOf(given) {
  const [option, value = '0.0.0.0', ...more] = given;
  if (option === undefined) return '127.0.0.1';
  if (option === '--host' && more.length === 0 && !value.startsWith('-')) return value;
  throw new Error(`npm start takes --host [ADDRESS], not "${given.join(' ')}". PORT=N chooses the port.`);
}

async function buildPage() {
  let modules = 0;
  const read = () => modules > 0 && `${modules.toLocaleString('en')} files read`;
  const count = { name: 'count', moduleParsed: () => void modules++ };
  await showing('Building the page', read, () => build({ logLevel: 'error', plugins: [count] }));
}

/** Time of the newest file among `paths` and everything below them; 0 if there is none. */
function newest(paths) {
  const times = paths.map((path) => {
    const file = statSync(path, { throwIfNoEntry: false });
    if (!file) return 0;
    return file.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : file.mtimeMs;
  });
  return Math.max(0, ...times);
}
