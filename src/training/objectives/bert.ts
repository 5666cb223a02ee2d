/**
 * BERT's masked-language modelling (arXiv 1810.04805 §3.1): 15 % of the tokens are to be guessed; of those 80 % are
 * shown as [MASK], 10 % as a random token and 10 % as they are. Mean cross-entropy over them. It teaches to repair a text
 * and not to write one: a canvas that is mostly masks never occurs.
 */
import { Stream, stepKey, uniform, word } from '../../diffusion/rng.ts';
import { maskRows, type Objective } from './objective.ts';

const RATE = 0.15;
const AS_MASK = 0.8;
const AS_RANDOM = 0.1;

export const bert: Objective = {
  name: 'bert',
  source: 'BERT (arXiv 1810.04805) §3.1: 15 %, shown as 80 % [MASK], 10 % random, 10 % unchanged',
  causal: false,
  bound: false,
  ask(rows, draw, { maskId, vocabSize }) {
    const rates = new Float64Array(rows.ids.length / rows.length).fill(RATE);
    const question = maskRows(rows, draw, maskId, rates, (_, masked) => 1 / masked);
    const key = stepKey(draw.seed, draw.step, Stream.Objective);
    for (const position of question.scored) {
      const chance = uniform(word(key, position, 0));
      if (chance < AS_MASK) continue;
      // Any id, special ones too, as in BERT's own code.
      const random = Math.floor(uniform(word(key, position, 1)) * vocabSize);
      question.inputs[position] = chance < AS_MASK + AS_RANDOM ? random : (rows.ids[position] as number);
    }
    return question;
  },
};
