/** The models that the hub of a class lists, asked for when the list of models is open and the hub is not the public one. */
import { create } from 'zustand';
import { type ErrorData, UnmaskError } from '../../diffusion/error.ts';
import type { OfferedModel } from '../../worker/protocol.ts';
import { compute } from './compute.ts';
import { HUB } from './preferences.ts';

interface ClassHub {
  readonly asking: boolean;
  /** Undefined until there is an answer, and where the hub does not list itself. */
  readonly models: readonly OfferedModel[] | undefined;
  readonly error: ErrorData | undefined;
}

const NOTHING: ClassHub = { asking: false, models: undefined, error: undefined };

export const useClassHub = create<ClassHub>(() => NOTHING);

const set = useClassHub.setState;
let stop: AbortController | undefined;

/** Asks the hub at this address; what another one answered is gone at once. */
export async function askClassHub(endpoint: string): Promise<void> {
  stop?.abort();
  set(NOTHING);
  if (endpoint === HUB) return;
  const own = new AbortController();
  stop = own;
  set({ asking: true });
  try {
    for await (const { models } of (await compute()).run('offers', { endpoint }, own.signal)) {
      if (stop === own) set({ models });
    }
  } catch (cause) {
    if (stop === own && !own.signal.aborted) set({ error: UnmaskError.from(cause).toJSON() });
  } finally {
    if (stop === own) set({ asking: false });
  }
}
