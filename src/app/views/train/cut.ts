/** How the steps of a run are cut up so that they fit, in words; none where they are made at once. */
import type { MemoryLook } from '../../../worker/protocol.train.ts';
import { m } from '../../messages/index.ts';

export function cutWords({ rows, blocks }: MemoryLook['fit'], batch: number): readonly string[] {
  return [...(rows < batch ? [m.train.cutRows(rows)] : []), ...(blocks > 1 ? [m.train.cutLayers(blocks)] : [])];
}
