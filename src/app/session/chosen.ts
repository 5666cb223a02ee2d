/** Files of a model that a person chose or dropped: a folder with its name, or loose files. */
import { m } from '../messages/index.ts';
import { isShipped } from './compute.ts';
import { ADAPTER_CONFIG_FILE } from './unzipped.ts';

export interface Chosen {
  readonly name: string;
  readonly files: readonly File[];
  readonly bytes: number;
}

const NEEDED = ['config.json', 'tokenizer.json', 'model.safetensors'];

/** Files of an `<input type=file>`. Those in deeper folders belong to something else. */
export function chosenFrom(list: Iterable<File>): Chosen | undefined {
  const files = [...list].filter(({ webkitRelativePath: path }) => path.split('/').length <= 2);
  const folder = files[0]?.webkitRelativePath.split('/')[0];
  return files.length === 0 ? undefined : named(folder, files);
}

/** What was dropped as a model: the files of a folder, or the files themselves. */
export async function filesOfDrop(data: DataTransfer): Promise<Chosen | undefined> {
  const { folder, files } = await dropped(data);
  return files.length === 0 ? undefined : named(folder, files);
}

/** What was dropped: the files of a folder and its name, or the files themselves. */
export async function dropped(
  data: DataTransfer,
): Promise<{ readonly folder: string | undefined; readonly files: readonly File[] }> {
  // Entries can be asked for only while the event runs, so before anything is awaited.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const loose = [...data.files];
  const folder = entries.find((entry): entry is FileSystemDirectoryEntry => entry?.isDirectory === true);
  if (folder === undefined) return { folder, files: loose };
  const inside: FileSystemEntry[] = [];
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    inside.push(...some);
  }
  const files = inside
    .filter((entry): entry is FileSystemFileEntry => entry.isFile)
    .map((entry) => new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
  return { folder: folder.name, files: await Promise.all(files) };
}

/** Files without which it is no model; shards stand for the one file of weights. */
export function missing(files: readonly File[]): string[] {
  const names = new Set(files.map(({ name }) => name));
  return NEEDED.filter((name) => !names.has(name) && !(name === NEEDED[2] && names.has(`${name}.index.json`)));
}

/** Whether they are what PEFT saved instead, which is opened beside a model. */
export function isAdapter(files: readonly File[]): boolean {
  return files.some(({ name }) => name === ADAPTER_CONFIG_FILE);
}

function named(folder: string | undefined, files: readonly File[]): Chosen {
  const own = folder || m.models.disk.unnamed;
  const name = isShipped(own) ? m.models.disk.fromDisk(own) : own;
  return { name, files, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}
