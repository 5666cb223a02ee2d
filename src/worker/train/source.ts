/** Where the model is that a run begins with. */
import { httpSource } from '../../checkpoint/http-source.ts';
import type { FileSource } from '../../checkpoint/model.ts';
import { droppedSource } from '../../checkpoint/sources.ts';
import type { Store } from '../../checkpoint/store/store.ts';
import type { ModelSource } from '../protocol.ts';

/** Throws `UnmaskError` code `storage` when it is gone. */
export async function sourceOf(from: ModelSource, store: Store): Promise<FileSource> {
  if (typeof from === 'string') return httpSource(from);
  return 'files' in from ? droppedSource(from.files) : store.source(from.stored);
}
