/** Runs of `npm run train`, made once for a figure and read again after. */
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Event = Readonly<Record<string, unknown>>;

/** The events of the run `name` with these options; one that is in the folder `logs` and ended is not made again. */
export async function eventsOf(logs: string, name: string, options: readonly string[]): Promise<Event[]> {
  const log = join(logs, `${name}.jsonl`);
  if (!existsSync(log) || (await read(log)).at(-1)?.['kind'] !== 'ended') {
    await train(log, [...options, '--out', join(logs, name)]);
  }
  return read(log);
}

async function read(log: string): Promise<Event[]> {
  return (await readFile(log, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function train(log: string, options: readonly string[]): Promise<void> {
  const hooks = ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs'];
  const child = spawn(process.execPath, [...hooks, 'src/cli/train.ts', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.pipe(createWriteStream(log));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`The run ended with ${code}.`))));
  });
}
