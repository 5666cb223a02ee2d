/** What blocks and edits do, said under the sheet. */
import { integer, say } from '../format.ts';
import { tokens } from '../units.ts';
import type { Words } from '../words.ts';

export const processes = (w: Words['processes']) => ({
  reading: {
    ...w.reading,
    block: (block: number, blocks: number) => say(w.reading.block, { block: integer(block), blocks: integer(blocks) }),
    pass: (computed: number, remembered: number) =>
      say(w.reading.pass, { computed: tokens(computed), remembered: integer(remembered) }),
  },
  editLog: {
    title: (n: number) => say(w.editLog.title, { n: integer(n) }),
    set: (before: string, after: string) => say(w.editLog.set, { before, after }),
    insert: (_: string, after: string) => say(w.editLog.insert, { after }),
    remove: (before: string, _: string) => say(w.editLog.remove, { before }),
    at: (step: number) => say(w.editLog.at, { step: integer(step) }),
  },
});
