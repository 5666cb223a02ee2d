/** An end for work that has no pauses, such as a regular expression that tries every way to match. */
import { Script } from 'node:vm';
import type { Guard } from '../checkpoint/guard.ts';
import { UnmaskError } from '../diffusion/error.ts';

const WORK = Symbol.for('unmask.work');
const script = new Script('globalThis[Symbol.for("unmask.work")]()');

/** Node ends a script at its time wherever it is, also in what it calls and in the middle of a regular expression. */
export function timeLimit(milliseconds: number): Guard {
  let inside = false;
  return <T>(work: () => T, what: string): T => {
    // What runs within such work has its limit already.
    if (inside) return work();
    const place = globalThis as { [WORK]?: () => T };
    place[WORK] = work;
    inside = true;
    try {
      return script.runInThisContext({ timeout: milliseconds }) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new UnmaskError({
        code: 'checkpoint',
        message: `${what} takes more than ${milliseconds / 1000} s for this text and was stopped.`,
        remedy:
          'A regular expression or a loop in it seems to have no end: take the file that the model was published with.',
        file: what,
      });
    } finally {
      inside = false;
      delete place[WORK];
    }
  };
}
