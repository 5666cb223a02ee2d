/** Every kind of job under its name in the protocol. */
import type { JobKind } from '../protocol.ts';
import { compareJob } from './compare.ts';
import { generateJob } from './generate.ts';
import type { Job } from './job.ts';
import { loadJob } from './load.ts';
import { tokenizeJob } from './tokenize.ts';

export const JOBS: { readonly [K in JobKind]: Job<K> } = {
  load: loadJob,
  generate: generateJob,
  compare: compareJob,
  tokenize: tokenizeJob,
};
