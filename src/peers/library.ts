/** GPT-2 on the hub and in the store: what there is, how it gets here, and how it goes. Each format is kept apart. */

import { damaged } from '../checkpoint/damage.ts';
import { download } from '../checkpoint/hub/download.ts';
import { type HubAddress, type Listing, listFolders } from '../checkpoint/hub/hub.ts';
import { type Asking, BRIEF } from '../checkpoint/hub/request.ts';
import type { Store, StoredItem } from '../checkpoint/store/store.ts';
import { UnmaskError } from '../diffusion/error.ts';
import { said } from '../text/said.ts';
import type { FetchProgress } from '../worker/protocol.ts';
import { FOLDER, type Format, formatsIn, type Weights } from './formats.ts';
import type { Gpt2Here } from './protocol.ts';

/** What runs on this machine. */
export interface Ability {
  readonly webgpu: boolean;
  /** Arithmetic in 16 bits on the card. */
  readonly halves: boolean;
}

/** 16 bits are for cards that compute with them; 8 bits run well on the processor only. */
export function runsHere(format: Format, { webgpu, halves }: Ability): boolean {
  return format === 'fp16' || format === 'q4f16' ? webgpu && halves : true;
}

/** The format that suits this machine among those that are there. */
export function suggest(formats: readonly Format[], { webgpu, halves }: Ability): Format | undefined {
  const liked: readonly Format[] = webgpu ? (halves ? ['fp16', 'fp32'] : ['fp32', 'q4']) : ['q8', 'q4', 'fp32'];
  return liked.find((one) => formats.includes(one)) ?? formats[0];
}

/** Throws `UnmaskError`: `network`, or `checkpoint` when the repository has no weights for ONNX Runtime. */
export async function lookUp(
  address: HubAddress,
  asking: Asking = {},
): Promise<{ listing: Listing; found: Weights[] }> {
  const brief = { patience: BRIEF, ...asking };
  const remedy = 'Choose a repository made for transformers.js, such as Xenova/gpt2.';
  const top = await listFolders(address, [''], brief);
  // A hub does not tell a folder that is missing from a file that is.
  const inside = await listFolders({ ...address, revision: top.commit }, [FOLDER], brief).catch((cause: unknown) => {
    asking.signal?.throwIfAborted();
    const { message } = UnmaskError.from(cause);
    throw damaged(FOLDER, `The folder ${FOLDER} of ${top.id} cannot be read. ${message}`, { remedy, cause });
  });
  const listing = { ...top, files: [...top.files, ...inside.files], bytes: top.bytes + inside.bytes };
  const found = formatsIn(listing.files);
  if (found.length > 0) return { listing, found };
  throw damaged(FOLDER, said`${listing.id} has no weights in ONNX format.`, { remedy });
}

/** Throws `UnmaskError` (network, storage, checkpoint) or the signal's reason; what has come stays in the store. */
export async function fetchGpt2(
  store: Store,
  address: HubAddress,
  format: Format,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: FetchProgress) => void },
): Promise<StoredItem> {
  const { listing, found } = await lookUp(address, { signal: options.signal });
  const weights = found.find((one) => one.format === format);
  if (weights === undefined) throw damaged(FOLDER, said`${listing.id} has no weights in the format ${format}.`);
  const { files, bytes } = weights;
  return download(store, { ...listing, files, bytes, name: nameOf(listing.id, format) }, { ...options, as: 'onnx' });
}

/** Items of the store that are GPT-2, whole or begun, newest first. */
export async function listHere(store: Store): Promise<Gpt2Here[]> {
  return (await store.list()).flatMap((item) => {
    const [weights] = item.kind === 'onnx' ? formatsIn(item.files) : [];
    if (weights === undefined) return [];
    const { key, name, origin, bytes, have, complete, inMemory } = item;
    const whole = complete || inMemory;
    const id = name.slice(0, name.length - weights.format.length - 2);
    // Only what has been checked as a whole counts as here.
    const counted = whole ? bytes : Math.min(have, bytes - 1);
    return [{ key, id, format: weights.format, endpoint: origin?.endpoint ?? '', bytes, have: counted }];
  });
}

const nameOf = (id: string, format: Format) => `${id}, ${format}`;
