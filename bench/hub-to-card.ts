/**
 * The whole way of a large model, as in the page: from a hub-like server through the store to the card. The server is
 * killed at half of the download and started again; the download goes on where it broke off and is checked. Prints what
 * is said before the download (size, and whether it fits), the likeliest token after the ids, the
 * time and the JavaScript memory it took, and writes the logits of some ids for an independent check
 * (`src/engine/golden/make_golden.py --check`). `npm run bench:hub -- --model DIR --ids 5,6,4 --out logits.npy
 * [--precision stored|f16|int8|int4|nf4] [--limit MB]`; more memory than the limit (250 MB) is a failure. The card's own memory is
 * not counted, also where a software driver keeps it in this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { download } from '../src/checkpoint/hub/download.ts';
import { lookUpModel } from '../src/checkpoint/hub/preview.ts';
import { openNetwork } from '../src/checkpoint/open.ts';
import { PRECISIONS } from '../src/checkpoint/precision.ts';
import { Store } from '../src/checkpoint/store/store.ts';
import { UnmaskError } from '../src/diffusion/error.ts';
import { openDevice } from '../src/engine/device.ts';
import { Engine } from '../src/engine/engine.ts';
import { fits } from '../src/engine/fit.ts';
import { getGpu } from '../src/node/dawn.ts';
import { nodeDisk } from '../src/node/disk.ts';
import { writeNpy } from '../src/node/npy.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/stories' },
    ids: { type: 'string', default: '5,6,4,9' },
    out: { type: 'string' },
    precision: { type: 'string', default: 'stored' },
    limit: { type: 'string', default: '250' },
  },
});
const precision = PRECISIONS.find((name) => name === values.precision);
if (precision === undefined) throw new Error(`--precision must be one of ${PRECISIONS.join(', ')}.`);
/** Canvases that a fit is told for. */
const SHORTEST = 64;
const ids = Int32Array.from(values.ids.split(','), Number);

/** The classroom's server as a process of its own, so that its memory is not counted and it can be killed. */
async function serve(port: number): Promise<{ server: ChildProcess; port: number; id: string }> {
  const program = ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs', 'src/cli/serve-models.ts'];
  const server = spawn(process.execPath, [...program, values.model, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const listed = once(createInterface(server.stderr as NodeJS.ReadableStream), 'line');
  const [address] = (await once(createInterface(server.stdout as NodeJS.ReadableStream), 'line')) as [string];
  const [line] = (await listed) as [string];
  return { server, port: Number(new URL(address).port), id: line.split(' ')[0] as string };
}

const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);
const say = (words: string) => process.stdout.write(`${words}\n`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const device = await openDevice(await getGpu());
const folder = await mkdtemp(join(tmpdir(), 'unmask-store-'));
let { server, port, id } = await serve(0);
const used = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const before = used();
let most = 0;
const timer = setInterval(() => {
  most = Math.max(most, used() - before);
}, 5);
try {
  const store = new Store(await nodeDisk(folder));
  const patience = { tries: 1, pauseMs: 10, stallMs: 10_000 };
  const listing = await lookUpModel({ endpoint: `http://127.0.0.1:${port}`, id }, { patience });
  const { maxStorageBufferBindingSize, maxBufferSize } = device.gpu.limits;
  const limits = { maxStorageBufferBindingSize, maxBufferSize };
  const fit = fits(listing.arch, listing.tensors, precision, limits, Math.max(ids.length, SHORTEST));
  say(
    `${id}, before a byte of its weights: ${megabytes(listing.bytes)} to download, ${listing.parameters.toLocaleString('en')} ` +
      `parameters, ${megabytes(fit.weightBytes)} on the card as ${precision}, its table in ${fit.tableParts} pieces; ` +
      `${fit.fits ? 'it fits' : `it does not fit: ${JSON.stringify(fit.obstacle)}`}`,
  );
  let began = performance.now();
  let broken = '';
  await download(store, listing, {
    patience,
    onProgress: ({ loaded }) => {
      if (loaded > listing.bytes / 2) server.kill('SIGKILL');
    },
  }).catch((cause: unknown) => {
    broken = UnmaskError.from(cause).message;
  });
  if (broken === '') throw new Error('The download ended though its server was killed.');
  const [half] = await store.list();
  say(`${id}, ${megabytes(listing.bytes)}: the server was killed with ${megabytes(half?.have ?? 0)} here. "${broken}"`);

  ({ server } = await serve(port));
  let first: number | undefined;
  const item = await download(store, listing, {
    onProgress: ({ file, loaded }) => {
      if (file.endsWith('.safetensors')) first ??= loaded;
    },
  });
  if ((first ?? 0) < (half?.have ?? 0) / 2) throw new Error('The download began anew.');
  say(`it went on from ${megabytes(first ?? 0)}; ${item.files.length} files checked, ${seconds(began)} s in all`);

  began = performance.now();
  const network = await openNetwork(await store.source(item.key));
  const engine = await Engine.create(device, network, { precision });
  await device.gpu.queue.onSubmittedWorkDone();
  most = Math.max(most, used() - before);
  clearInterval(timer);
  say(`${megabytes(engine.bytes)} on ${device.description} as ${precision} in ${seconds(began)} s`);
  say(`JavaScript memory: at most ${megabytes(most)} above the start, download included`);

  began = performance.now();
  const logits = await engine.logits(ids);
  if (values.out !== undefined) await writeNpy(values.out, [ids.length, engine.info.vocabSize], [logits]);
  say(`${ids.length} tokens through the network in ${seconds(began)} s, kernels compiled in that time`);
  const { logitShift, maskId } = engine.info;
  const open = Int32Array.of(...ids, maskId ?? 0);
  const [answer] = await engine.predict(
    [{ ids: open, asked: Int32Array.of(ids.length), draw: { seed: 1, step: 0, temperature: 0 } }],
    { topK: 1 },
  );
  say(
    `behind them the network, whose rows speak of ${logitShift ? 'the next slot' : 'their own'}, writes ${answer?.ids[0]}`,
  );
  engine.destroy();
  if (most / 1e6 > Number(values.limit)) process.exitCode = 1;
} finally {
  clearInterval(timer);
  server.kill('SIGKILL');
  device.gpu.destroy();
  await rm(folder, { recursive: true, force: true });
}
