/** The page's end of the worker that runs GPT-2. */
import { withHubs } from '../offline/policy.ts';
import { Client } from '../rpc/client.ts';
import { lineTo } from '../rpc/line.ts';
import script from './gpt2.worker.ts?worker&url';
import type { Gpt2Jobs } from './protocol.ts';

export type Gpt2Client = Client<Gpt2Jobs>;

/** `hub`: the address of the one it may ask from the start. */
export const createGpt2 = (hub: string): Gpt2Client =>
  new Client<Gpt2Jobs>(
    (hubs) => lineTo(new Worker(withHubs(script, location.href, hubs), { type: 'module', name: 'gpt2' })),
    { hubs: [hub], hubOf: (request) => ('address' in request ? request.address.endpoint : undefined) },
  );
