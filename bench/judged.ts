/** A text as the judge reads it: cut by its own tokenizer, so that texts of writers with other tokenizers compare. */

import type { Model } from '../src/checkpoint/model.ts';
import { openingOf } from '../src/checkpoint/prompt.ts';
import type { Network } from '../src/diffusion/network.ts';

/** Ids of the text behind the prompt, and log p of each given what stands before it (nats). */
export async function judgedText(judge: Model, network: Network, prompt: string, text: string) {
  const given = judge.tokenizer.encode(prompt);
  const all = judge.tokenizer.encode(prompt + text);
  const before = openingOf(judge, given);
  const length = all.length - given.length;
  const ids = Int32Array.from([...before, ...all]);
  const asked = Int32Array.from({ length }, (_, at) => ids.length - length + at);
  const targets = [...ids.slice(-length)];
  const [logProbs] = await network.score([{ ids, asked }], [Int32Array.from(targets)]);
  return { ids: targets, logProbs: [...(logProbs as Float32Array)] };
}
