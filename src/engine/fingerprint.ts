/** A short name for the kernels of this build: what was verified or measured with others says nothing about these. */
import { ATTENTIONS } from './kernels/attention.ts';
import { DECODES, merge } from './kernels/decode.ts';
import { embed } from './kernels/embed.ts';
import { MATMULS, TILES } from './kernels/matmul.ts';
import { norm } from './kernels/norm.ts';
import { pick } from './kernels/pick.ts';

/** FNV-1a of all WGSL and all tiles, 32 bits as hexadecimal digits. */
export function kernelFingerprint(): string {
  const kernels = [
    ...Object.values(ATTENTIONS),
    ...Object.values(DECODES),
    merge,
    embed,
    norm,
    pick,
    ...Object.values(MATMULS),
  ];
  let hash = 0x811c9dc5;
  for (const text of [...kernels.flatMap(({ sources }) => sources), JSON.stringify(TILES)]) {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
