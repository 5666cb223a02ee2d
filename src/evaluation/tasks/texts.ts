/** Tasks without answers: how likely texts are, and how good those are that a model writes. */
import { reader } from './fields.ts';
import { SPEED, type Tasks } from './task.ts';

export const TEXTS: Tasks<'nelbo' | 'quality'> = {
  nelbo: {
    name: 'nelbo',
    harness: 'nelbo',
    output: 'loglikelihood_rolling',
    metrics: [
      { name: 'nelbo', kind: 'ratio', of: 'nats', per: 'tokens', lowerIsBetter: true },
      { name: 'perplexity_bound', kind: 'ratio', of: 'nats', per: 'tokens', exp: true, lowerIsBetter: true },
      { name: 'bits_per_character', kind: 'ratio', of: 'bits', per: 'characters', lowerIsBetter: true },
      { name: 'bits_per_byte', kind: 'ratio', of: 'bits', per: 'bytes', lowerIsBetter: true },
    ],
    read: reader('nelbo', (fields) => {
      const text = fields.text('text', 'content', 'story').trim();
      return text === '' ? undefined : { id: fields.id(), kind: 'text', text };
    }),
  },
  quality: {
    name: 'quality',
    harness: 'quality',
    output: 'generate_until',
    // Always together: a text that repeats itself is likely, too.
    metrics: [
      { name: 'generative_perplexity', kind: 'quality', of: 'perplexity', lowerIsBetter: true },
      { name: 'entropy', kind: 'quality', of: 'entropy' },
      { name: 'repeated_trigrams', kind: 'quality', of: 'repetition', lowerIsBetter: true },
      { name: 'distinct_bigrams', kind: 'quality', of: 'distinct' },
      { name: 'self_bleu', kind: 'quality', of: 'selfBleu', lowerIsBetter: true },
      ...SPEED,
    ],
    read: reader('quality', (fields) => ({
      id: fields.id(),
      kind: 'sample',
      prompt: fields.text('prompt', 'question', 'text'),
    })),
  },
};
