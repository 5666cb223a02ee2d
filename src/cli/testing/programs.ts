/** Starts the command-line programs as `npm run` starts them, and reads what they write. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Asked } from './host.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const HOST = join(ROOT, 'src/cli/testing/host.ts');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Program = 'generate' | 'forward' | 'random-model' | 'train' | 'evaluate';

/** What `npm run` gives Node: the flags, and the file of the program, which comes last. */
function wordsOf(script: Program): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return (scripts[script] as string).split(' ').slice(1);
}

/** Runs the command that package.json gives a script, with more arguments, to its end. */
export function start(script: Program, ...argv: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...wordsOf(script), ...argv], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * The same in one process for all that are asked of it, one after the other: most of what a short program takes is
 * loading what it imports. It ends with the tests that share it.
 */
export function programsInOne(): typeof start {
  let child: ChildProcess | undefined;
  let before: Promise<unknown> = Promise.resolve();
  afterAll(() => {
    child?.disconnect();
  });
  return (script, ...argv) => {
    const words = wordsOf(script);
    const file = join(ROOT, words.pop() as string);
    child ??= spawn(process.execPath, [...words, HOST], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const host = child;
    const answer = before.then(
      () =>
        new Promise<Ended>((resolve, reject) => {
          const ended = (code: number | null) => reject(new Error(`The process of the programs ended with ${code}.`));
          host.once('error', reject).once('exit', ended);
          host.once('message', (said) => {
            host.off('error', reject).off('exit', ended);
            resolve(said as Ended);
          });
          host.send({ file, argv } satisfies Asked);
        }),
    );
    before = answer.catch(() => undefined);
    return answer;
  };
}

/** A float32 array from the bytes of an .npy file of version 1.0, read by the format's own description. */
export function readNpy(file: Uint8Array): { readonly shape: readonly number[]; readonly values: Float32Array } {
  const length = new DataView(file.buffer, file.byteOffset).getUint16(8, true);
  const dict = new TextDecoder().decode(file.subarray(10, 10 + length));
  const shape = /'descr': '<f4', 'fortran_order': False, 'shape': \(([\d, ]*)\)/.exec(dict)?.[1];
  if (shape === undefined) throw new Error(`Not a float32 array: ${dict}`);
  return {
    shape: shape
      .split(',')
      .filter((dim) => dim.trim() !== '')
      .map(Number),
    values: new Float32Array(new Uint8Array(file.subarray(10 + length)).buffer),
  };
}
