/** What lines of code that start from the settings alone cannot repeat of a run, as sentences for their comments. */
import type { Trace } from '../../../../diffusion/trace.ts';
import { m } from '../../../messages/index.ts';

export type Comments = string[];

const WIDTH = 100;

/** Notes as comments, each on as many lines as it needs; `sign` is what begins one. */
export function commented(notes: Comments, sign: string): string {
  return (
    notes
      .map((note) => note.replace(new RegExp(`(?=.{${WIDTH - 10},})(.{1,${WIDTH}}) `, 'g'), `$1\n`))
      .join('\n')
      // A name in a note may hold anything; every line end begins a comment anew, and none hides signs.
      .replace(/(?!\n)[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, '_')
      .replace(/^/gm, `${sign} `)
  );
}

/** `branched`: the run left another one, whose settings its first steps were made with. */
export function notRepeated({ edits }: Trace, branched: boolean): Comments {
  const { code } = m.takeaway;
  return [...(edits.length > 0 ? [code.edited] : []), ...(branched ? [code.branched] : [])];
}
