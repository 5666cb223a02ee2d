/** Runs of `npm run train`, made once for a figure and read again after. */
import { createWriteStream, existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StatusLine } from '../src/cli/program.ts';
import { teach } from '../src/cli/teach.ts';
import { parseTrain, type TrainArguments } from '../src/cli/train-arguments.ts';

export type Event = Readonly<Record<string, unknown>>;

/** The events of the run `name` with these options; one that is in the folder `logs` and ended is not made again. */
export async function eventsOf(logs: string, name: string, options: readonly string[]): Promise<Event[]> {
  const log = join(logs, `${name}.jsonl`);
  if (!existsSync(log) || (await read(log)).at(-1)?.['kind'] !== 'ended') {
    const out = join(logs, name);
    await rm(out, { recursive: true, force: true });
    await train(log, [...options, '--out', out]);
  }
  return read(log);
}

async function read(log: string): Promise<Event[]> {
  return (await readFile(log, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** In this process: what a program takes to begin would be more than a small run takes. */
async function train(log: string, options: readonly string[]): Promise<void> {
  const lines = createWriteStream(log);
  await teach(parseTrain(options) as TrainArguments, new StatusLine(process.stderr), (event) => {
    lines.write(`${JSON.stringify(event)}\n`);
  });
  await new Promise<void>((done, fail) => {
    lines.on('error', fail);
    lines.end(done);
  });
}
