/** A hub on another origin for journeys: the classroom server on a folder with one small random model, slow on demand. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '../src/checkpoint/config.ts';
import { fromFloat32 } from '../src/checkpoint/half.ts';
import { writeSafetensors } from '../src/checkpoint/write-safetensors.ts';
import { threefry2x32 } from '../src/diffusion/rng.ts';
import { tensorsOf } from '../src/model/families/index.ts';
import { modelServer } from '../src/node/model-server.ts';
import { findModels } from '../src/node/served-models.ts';

export const MODEL = 'class/tiny';
const stories = fileURLToPath(new URL('../public/models/stories/', import.meta.url));

export interface Hub extends AsyncDisposable {
  readonly endpoint: string;
  readonly folder: string;
  /** "path range" of each request so far. */
  readonly requests: string[];
  /** Milliseconds before each 64 KB of a file. */
  pause: number;
  /** Bytes of slow files that are sent; what comes after them waits until there is room again. */
  room: number;
  /** Answers without the headers that let other origins read. */
  mute: boolean;
}

/** `add` may put more models into the folder that is served. */
export async function startHub(add?: (root: string) => void): Promise<Hub> {
  const root = mkdtempSync(join(tmpdir(), 'unmask-hub-'));
  writeModel(join(root, MODEL));
  add?.(root);
  const inner = modelServer(await findModels(root));
  const server = createServer((request, response) => {
    hub.requests.push(`${request.url} ${request.headers.range ?? ''}`);
    if (hub.mute) {
      response.writeHead(200).end('{}');
      return;
    }
    if (hub.pause > 0 && request.url?.includes('/resolve/')) slow(response, hub);
    inner.emit('request', request, response);
  });
  await new Promise<void>((ready) => server.listen(0, 'localhost', ready));
  const hub: Hub = {
    endpoint: `http://localhost:${(server.address() as AddressInfo).port}`,
    folder: join(root, MODEL),
    requests: [],
    pause: 0,
    room: Number.POSITIVE_INFINITY,
    mute: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      rmSync(root, { recursive: true });
    },
  };
  return hub;
}

/** Puts a pause before every piece of the body, and holds back what there is no room for. */
function slow(response: ServerResponse, hub: Hub): void {
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  const passed = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
  let last: Promise<unknown> = Promise.resolve();
  response.write = ((chunk: Uint8Array) => {
    last = last.then(async () => {
      await passed(hub.pause);
      while (hub.room < chunk.length && !response.destroyed) await passed(20);
      hub.room -= chunk.length;
      if (!response.destroyed) write(chunk);
      response.emit('drain');
    });
    return false;
  }) as typeof response.write;
  response.end = ((...rest: Parameters<typeof end>) => {
    void last.then(() => end(...rest));
    return response;
  }) as typeof response.end;
}

/** A ModernBERT of three layers with seeded random weights and the shipped tokenizer: about ten megabytes, unless told otherwise. */
export function writeModel(folder: string, change: Readonly<Record<string, unknown>> = {}): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(stories, 'tokenizer.json'), join(folder, 'tokenizer.json'));
  const shipped = JSON.parse(readFileSync(join(stories, 'config.json'), 'utf8')) as Record<string, unknown>;
  const { layer_types: _, ...rest } = shipped;
  const config = {
    ...rest,
    hidden_size: 256,
    num_attention_heads: 4,
    intermediate_size: 384,
    num_hidden_layers: 3,
    ...change,
  };
  const json = new TextEncoder().encode(JSON.stringify(config));
  writeFileSync(join(folder, 'config.json'), json);
  let word = 0;
  const values = (count: number, scale: number, shift: number) =>
    Float32Array.from({ length: count }, () => {
      const [bits] = threefry2x32([7, 0], [word++, 0]);
      return shift + scale * (bits / 2 ** 31 - 1);
    });
  const tensors = tensorsOf(parseConfig(json))
    .flatMap(({ parts }) => parts)
    .map(({ name, shape }) => {
      const count = shape.reduce((product, dim) => product * dim, 1);
      const flat = shape.length === 1;
      const bytes = fromFloat32(values(count, flat ? 0.1 : 0.08, flat && !name.endsWith('.bias') ? 1 : 0), 'F32');
      return [name, { dtype: 'F32' as const, shape, bytes }] as const;
    });
  writeFileSync(join(folder, 'model.safetensors'), writeSafetensors(tensors));
}
