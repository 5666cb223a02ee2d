/** Storage without ghosts: what no list shows does not stay. */
import type { Store } from '../checkpoint/store/store.ts';
import { sweepRuns } from './train/run-store.ts';

export async function sweep(store: Store): Promise<void> {
  await sweepRuns(store.disk);
  await store.sweep();
}
