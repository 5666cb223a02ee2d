/** The text of token ids, each sent once per run, so that a Trace can be read without its tokenizer. */
import type { Tokenizer } from '../checkpoint/model.ts';
import { writtenIdsIn } from '../diffusion/ops.ts';
import type { Step } from '../diffusion/trace.ts';

export class Pieces {
  readonly #tokenizer: Tokenizer;
  readonly #known = new Set<number>();

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** The pieces of those ids that have not been asked before; −1 stands for no token. */
  fresh(...lists: readonly Iterable<number>[]): Record<number, string> {
    const pieces: Record<number, string> = {};
    for (const ids of lists) {
      for (const id of ids) {
        if (id < 0 || this.#known.has(id)) continue;
        this.#known.add(id);
        pieces[id] = this.#tokenizer.piece(id);
      }
    }
    return pieces;
  }

  /** Those of everything that a step speaks of. */
  ofStep({ ops, prediction, edits }: Step): Record<number, string> {
    const said = edits ? [prediction, edits.insert] : [prediction];
    return this.fresh(writtenIdsIn({ ops }), ...said.flatMap(({ ids, topIds }) => [ids, topIds]));
  }
}
