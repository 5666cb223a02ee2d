/**
 * Gives damaged files to everything that reads them: `npm run fuzz -- --seconds 600 --seed 1 --only parquet`. A reader
 * answers or throws an `UnmaskError` within its time; whatever else happens is printed with what repeats it, and ends in
 * exit code 1. `--case N` tries one case alone.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { argumentError } from '../../arguments.ts';
import { run, type StatusLine } from '../../program.ts';
import { READERS } from './readers.ts';

/** Milliseconds one case may take: those that end take thousandths, and a busy machine may leave a process waiting for seconds. */
const LIMIT = 20_000;
/** Findings of a reader after which it is enough. */
const ENOUGH = 20;

const HELP = `npm run fuzz -- [options]
Gives damaged files to every reader, and prints what neither answers nor refuses in words.
  --seed N       default 1
  --seconds N    how long, default 60
  --only NAME    one reader, or several with commas between
  --case N       only this case of the reader`;

await run(async (status) => {
  const { values } = parseArgs({
    options: {
      ...{ seed: { type: 'string' }, seconds: { type: 'string' }, only: { type: 'string' } },
      ...{ case: { type: 'string' }, help: { type: 'boolean' } },
    },
  });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  const known = READERS.map(({ name }) => name);
  const names = values.only?.split(',') ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw argumentError(`There is no reader ${unknown}.`, `Choose from ${known.join(', ')}.`);
  const count = (text: string | undefined, standard: number) => {
    const value = Number(text ?? standard);
    if (!(value >= 0)) throw argumentError(`"${text}" is no number.`);
    return value;
  };
  const [seed, seconds] = [count(values.seed, 1), count(values.seconds, 60)];
  const one = values.case === undefined ? undefined : count(values.case, 0);
  for (const name of names) await fuzz({ seed, seconds: seconds / names.length, name, one }, status);
});

interface Round {
  readonly seed: number;
  readonly seconds: number;
  readonly name: string;
  /** The only case that is tried. */
  readonly one: number | undefined;
}

interface Tally {
  at: number;
  read: number;
  refused: number;
  found: number;
  /** When it is enough: so long after the first case, since a process takes a while to begin. */
  until: number | undefined;
}

/** One reader, in a process that is ended when a case takes too long, and begun anew behind that case. */
async function fuzz({ seed, seconds, name, one }: Round, status: StatusLine): Promise<void> {
  const tally: Tally = { at: one ?? 0, read: 0, refused: 0, found: 0, until: undefined };
  const find = (what: string) => {
    tally.found++;
    const repeat = `npm run fuzz -- --only ${name} --seed ${seed} --case ${tally.at}`;
    process.stdout.write(`${name}, case ${tally.at}: ${what}\n  ${repeat}\n`);
  };
  for (;;) {
    const ended = await watched([name, String(seed), String(tally.at)], { seconds, one }, tally, find);
    if (ended !== undefined) find(ended);
    if (ended === undefined || one !== undefined || tally.found >= ENOUGH) break;
    tally.at++;
    status.show(`${name}: ${tally.at} cases`);
  }
  const { read, refused, found } = tally;
  status.say(`${name}: ${read + refused + found} cases, ${read} read, ${refused} refused in words, ${found} findings`);
  if (found > 0) process.exitCode = 1;
}

/** Runs a process until there is enough, undefined, or it hangs or dies: then how. */
function watched(
  task: readonly string[],
  { seconds, one }: Pick<Round, 'seconds' | 'one'>,
  tally: Tally,
  find: (what: string) => void,
): Promise<string | undefined> {
  const program = fileURLToPath(new URL('./child.ts', import.meta.url));
  const memory = '--max-old-space-size=1500';
  const child = spawn(process.execPath, [...process.execArgv, memory, program, ...task], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve) => {
    let since: number | undefined;
    let last = '';
    let done = false;
    const end = (how: string | undefined) => {
      if (done) return;
      done = true;
      clearInterval(timer);
      child.kill('SIGKILL');
      resolve(how);
    };
    const timer = setInterval(() => {
      const now = performance.now();
      if (since !== undefined && now - since > LIMIT) end(`took more than ${LIMIT / 1000} s`);
      else if (tally.until !== undefined && now > tally.until && one === undefined) end(undefined);
    }, 100);
    child.stderr.on('data', (chunk) => {
      last = `${last}${chunk}`.slice(-2000);
    });
    createInterface(child.stdout).on('line', (line) => {
      if (done) return;
      since = performance.now();
      tally.until ??= since + 1000 * seconds;
      const [kind, rest] = [line[0], line.slice(1)];
      if (kind === '@') tally.at = Number(rest);
      else if (kind === '+') tally.read++;
      else if (kind === '-') tally.refused++;
      else if (kind === '!') find(JSON.parse(rest) as string);
      if (kind !== '@' && (one !== undefined || tally.found >= ENOUGH)) end(undefined);
    });
    child.on('close', (code, signal) => end(`the process ended with ${signal ?? code}: ${last.trim()}`));
  });
}
