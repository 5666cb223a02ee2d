/**
 * Tries cases one after the other, in a process of its own, and writes a line before and after each: who reads them can
 * tell when one never ends. Lines are `@N` for case N, then `+` read, `-` refused in words, or `!` and what happened.
 */
import { writeSync } from 'node:fs';
import { UnmaskError } from '../../../diffusion/error.ts';
import { randomOf } from './random.ts';
import { READERS, type Reader } from './readers.ts';

async function work(name: string, seed: number, from: number): Promise<never> {
  const reader = READERS.find((each) => each.name === name) as Reader;
  await reader.prepare?.();
  const kind = [...name].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) >>> 0, 7);
  for (let index = from; ; index++) {
    say(`@${index}`);
    try {
      await reader.read(reader.make(randomOf(seed, kind, index)));
      say('+');
    } catch (error) {
      if (error instanceof UnmaskError && error.code !== 'internal') say('-');
      else say(`!${JSON.stringify(error instanceof Error ? (error.stack ?? error.message) : String(error))}`);
    }
    // Promises that nobody waits for have their turn, and are found when they fail.
    if (index % 20 === 0) await new Promise((resume) => setImmediate(resume));
  }
}

function say(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error; // the other side is behind
    }
  }
}

const [name = '', seed = '', from = ''] = process.argv.slice(2);
await work(name, Number(seed), Number(from));
