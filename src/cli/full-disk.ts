/** A disk that is full ends a training; what it has saved before is not lost by that, and must be named. */
import { isFull } from '../checkpoint/store/disk.ts';
import { UnmaskError } from '../diffusion/error.ts';

/** The events of a run. Throws `UnmaskError` code `storage` with the words of `last` about the last good checkpoint. */
export async function* withFullDisk<T>(events: AsyncIterable<T>, last: () => string): AsyncGenerator<T, void> {
  try {
    yield* events;
  } catch (cause) {
    if (!isFull(cause)) throw cause;
    const message = `There is no room on the disk for another checkpoint. ${last()}`;
    throw new UnmaskError({ code: 'storage', message, remedy: 'Make room, then go on with --resume.' }, { cause });
  }
}
