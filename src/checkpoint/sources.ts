/**
 * Files that are at hand already: dropped or chosen in the page (`File`s), or held in memory. Over the network:
 * `http-source.ts`; a folder under Node: `src/node/folder.ts`.
 */
import { said } from '../text/said.ts';
import { damaged } from './damage.ts';
import type { FileSource } from './model.ts';

/** Files the user dropped or chose, found by their name without folders. */
export function droppedSource(files: Iterable<File>, label = 'the dropped files'): FileSource {
  return blobSource(new Map([...files].map((file) => [file.name, file])), label);
}

/** Files held in memory. */
export function memorySource(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, label: string): FileSource {
  return {
    label,
    async readAll(name, options) {
      const bytes = files.get(name);
      if (bytes === undefined) return 'missing';
      return bytes.length > (options?.maxBytes ?? Number.POSITIVE_INFINITY) ? 'large' : bytes;
    },
    size: async (name) => files.get(name)?.length,
    async read(name, start, end) {
      const bytes = files.get(name);
      // A copy even of Node's Buffer, whose `slice` is none.
      return exactly(bytes && new Uint8Array(bytes.subarray(start, end)), name, label, end - start);
    },
  };
}

function blobSource(files: ReadonlyMap<string, Blob>, label: string): FileSource {
  const bytesOf = async (name: string, blob: Blob): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return new Uint8Array(await blob.arrayBuffer());
    } catch (cause) {
      const message = said`${name} could not be read; it was moved or changed after it was chosen.`;
      throw damaged(name, message, { remedy: 'Choose the files again.', cause });
    }
  };
  return {
    label,
    async readAll(name, options) {
      const blob = files.get(name);
      if (blob === undefined) return 'missing';
      if (blob.size > (options?.maxBytes ?? Number.POSITIVE_INFINITY)) return 'large';
      options?.signal?.throwIfAborted();
      const bytes = await bytesOf(name, blob);
      options?.onProgress?.(bytes.length, bytes.length);
      return bytes;
    },
    size: async (name) => files.get(name)?.size,
    async read(name, start, end, options) {
      options?.signal?.throwIfAborted();
      const blob = files.get(name);
      return exactly(blob && (await bytesOf(name, blob.slice(start, end))), name, label, end - start);
    },
  };
}

/** `bytes` if they are as many as were asked for. Throws `UnmaskError` code `checkpoint`. */
export function exactly<T extends Uint8Array>(bytes: T | undefined, name: string, label: string, length: number): T {
  if (bytes === undefined) throw damaged(name, said`${name} is missing from ${label}.`);
  if (bytes.length === length) return bytes;
  throw damaged(name, said`${name} is cut short: ${bytes.length} bytes came where ${length} were expected.`);
}
