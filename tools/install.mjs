/** Installs the packages that package-lock.json names, when what lies in node_modules differs from it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { showing } from './progress.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

export async function ensureInstalled() {
  requireNode(20, 19);
  const wanted = packagesIn('package-lock.json');
  const installed = packagesIn('node_modules/.package-lock.json');
  // Optional packages are native parts for other systems; npm leaves them out here.
  const differs = Object.entries(wanted).some(
    ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
  );
  if (!differs) return;
  const there = () => {
    const paths = Object.keys(wanted).filter((path) => path !== '' && !wanted[path].optional);
    return `${paths.filter((path) => existsSync(`${root}${path}`)).length} of ${paths.length} packages`;
  };
  await showing('Installing packages (npm ci)', there, install);
}

/** What npm says is shown only if it fails: else it is a number of packages and notes for their authors. */
function install() {
  return new Promise((resolve, reject) => {
    const said = [];
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => said.push(bytes));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      process.stderr.write(`\n${Buffer.concat(said)}`);
      reject(new Error('npm ci failed. Check the network, then run the same command again.'));
    });
  });
}

function packagesIn(lockFile) {
  try {
    return JSON.parse(readFileSync(`${root}${lockFile}`, 'utf8')).packages;
  } catch {
    return {};
  }
}

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  throw new Error(`Unmask needs Node ${major}.${minor} or newer; this is ${process.version}.`);
}
