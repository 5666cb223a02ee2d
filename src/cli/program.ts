/**
 * What every command-line program here does alike: results on stdout, progress on stderr, one line for a failure, and an
 * exit code that tells wrong arguments (2) from a run that failed (1).
 */
import { setGuard } from '../checkpoint/guard.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { timeLimit } from '../node/time-limit.ts';
import { ofFiles } from './full-disk.ts';

/** For one text to a tokenizer or a template; the longest that are given at once take a second. */
const LIMIT_MS = 30_000;

/** Failures that other arguments would have avoided. */
const ARGUMENT_CODES = new Set(['arguments', 'settings', 'canvas', 'data']);

export function exitCodeOf(error: UnmaskError): 1 | 2 {
  return ARGUMENT_CODES.has(error.code) ? 2 : 1;
}

/** A failure as one line. */
export function failureLine(error: UnmaskError): string {
  return `${error.message} ${error.remedy}`.replace(/\s+/g, ' ').trim();
}

/** Runs a program to its end; a failure is one line on stderr and an exit code. */
export async function run(program: (status: StatusLine) => Promise<void>): Promise<void> {
  const status = new StatusLine(process.stderr);
  setGuard(timeLimit(LIMIT_MS));
  // A reader that has seen enough, as in `npm run generate | head -1`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  try {
    await program(status);
    status.clear();
  } catch (cause) {
    const error = UnmaskError.from(ofFiles(cause));
    status.clear();
    process.stderr.write(`${failureLine(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

/** One line that rewrites itself on a terminal, and is silent elsewhere. */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  #shown = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(text: string): void {
    if (!this.#stream.isTTY) return;
    const width = Math.max(20, this.#stream.columns ?? 80) - 1;
    this.#stream.write(`\r\u001b[K${text.replace(/\s+/g, ' ').slice(0, width)}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[K');
    this.#shown = false;
  }

  /** A line that stays, on a terminal and elsewhere. */
  say(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }
}
