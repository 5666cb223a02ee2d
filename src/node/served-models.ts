/** The models of a folder: `DIR/owner/name/files`, `DIR/name/files`, or DIR itself; and their checksums, computed once. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { UnmaskError } from '../diffusion/error.ts';

export interface ServedFile {
  readonly name: string;
  /** Where it lies, links resolved; always inside the folder that is served. */
  readonly path: string;
  readonly size: number;
}

export interface ServedModel {
  readonly id: string;
  readonly files: readonly ServedFile[];
}

const NAME = /^\w[\w.-]*$/;
/** Where transformers.js looks for weights. */
const ONNX = 'onnx';

/** Throws `UnmaskError` code `arguments` when there is no folder, or no model in it. */
export async function findModels(folder: string): Promise<ServedModel[]> {
  const root = await realpath(resolve(folder)).catch(() => undefined);
  if (root === undefined || !(await stat(root)).isDirectory()) throw problem(`There is no folder ${folder}.`);
  const own = await modelIn(root, root, basename(root).replace(/[^\w.-]/g, '-'));
  if (own !== undefined) return [own];
  const models: ServedModel[] = [];
  for (const first of await foldersOf(root)) {
    const model = await modelIn(root, join(root, first), first);
    if (model !== undefined) models.push(model);
    else {
      for (const second of await foldersOf(join(root, first))) {
        const inner = await modelIn(root, join(root, first, second), `${first}/${second}`);
        if (inner !== undefined) models.push(inner);
      }
    }
  }
  if (models.length === 0) throw problem(`There is no model in ${folder}.`);
  return models;
}

/** A folder with a `config.json`, and its subfolder of ONNX files if it has one. */
async function modelIn(root: string, folder: string, id: string): Promise<ServedModel | undefined> {
  const files = await filesOf(root, folder, '');
  if (!files.some(({ name }) => name === 'config.json')) return undefined;
  return { id, files: [...files, ...(await filesOf(root, join(folder, ONNX), `${ONNX}/`))] };
}

/** Files that are links out of `root` are left out. */
async function filesOf(root: string, folder: string, prefix: string): Promise<ServedFile[]> {
  const files: ServedFile[] = [];
  for (const name of (await readdir(folder).catch(() => [])).sort()) {
    if (!NAME.test(name)) continue;
    const path = await realpath(join(folder, name)).catch(() => undefined);
    if (path === undefined || !path.startsWith(root + sep)) continue;
    const info = await stat(path);
    if (info.isFile()) files.push({ name: prefix + name, path, size: info.size });
  }
  return files;
}

async function foldersOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && NAME.test(entry.name))
    .map(({ name }) => name)
    .sort();
}

const sums = new Map<string, Promise<string>>();

/** SHA-256 of a file, computed at the first request for it and remembered while size and time stay. */
export async function shaOf({ path }: ServedFile): Promise<string> {
  const { mtimeMs, size } = await stat(path);
  const key = `${path} ${size} ${mtimeMs}`;
  const sum = sums.get(key) ?? digest(path);
  sums.set(key, sum);
  sum.catch(() => sums.delete(key));
  return sum;
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Forty digits that change with any file, as a commit does. */
export async function commitOf({ files }: ServedModel): Promise<string> {
  const hash = createHash('sha1');
  for (const file of files) hash.update(`${await shaOf(file)} ${file.name}\n`);
  return hash.digest('hex');
}

function problem(message: string): UnmaskError {
  const remedy = 'Give a folder that holds owner/name/config.json and the other files of each model.';
  return new UnmaskError({ code: 'arguments', message, remedy });
}
