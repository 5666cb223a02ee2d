/** Starts the command-line programs as `npm run` starts them, and reads what they write. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command that package.json gives a script, with more arguments, to its end. */
export function start(
  script: 'generate' | 'forward' | 'random-model' | 'train' | 'evaluate',
  ...argv: string[]
): Promise<Ended> {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const [, ...words] = (scripts[script] as string).split(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...words, ...argv], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
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
