/** The page's end of the worker that runs GPT-2. */
import { Client } from '../rpc/client.ts';
import { lineTo } from '../rpc/line.ts';
import type { Gpt2Jobs } from './protocol.ts';

export type Gpt2Client = Client<Gpt2Jobs>;

export const createGpt2 = (): Gpt2Client =>
  new Client<Gpt2Jobs>(() =>
    lineTo(new Worker(new URL('./gpt2.worker.ts', import.meta.url), { type: 'module', name: 'gpt2' })),
  );
