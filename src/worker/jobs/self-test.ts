/** Runs models whose answers are known through every kernel of this device (src/engine/self-test.ts). */
import { httpSource } from '../../checkpoint/http-source.ts';
import { openNetwork } from '../../checkpoint/open.ts';
import { WEIGHTS_FILE } from '../../checkpoint/shards.ts';
import { memorySource } from '../../checkpoint/sources.ts';
import { kernelFingerprint } from '../../engine/fingerprint.ts';
import { type Known, type KnownAnswers, rounded, selfTest, type Trial } from '../../engine/self-test.ts';
import { noWebGpu } from '../backend.ts';
import type { Models } from '../models.ts';
import { yieldToEvents } from '../yield.ts';
import type { Job, JobContext } from './job.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export const selfTestJob: Job<'selfTest'> = {
  device: 'measured',
  latest: true,
  run: ({ shipped }, context) => runTrials(trials(shipped, context.signal), context),
};

/** Tells each check once, however many devices are lost on the way. Throws `UnmaskError`, or the signal's reason. */
export async function runTrials(
  all: readonly Trial[],
  {
    models,
    signal,
    emit,
  }: Pick<JobContext<'selfTest'>, 'signal' | 'emit'> & {
    readonly models: Pick<Models, 'onLivingDevice'>;
  },
): Promise<void> {
  // Where it stands, so that on another device it goes on with the trial that the lost one left.
  let [trial, checked, begun] = [0, 0, false];
  const tested = await models.onLivingDevice(async (device) => {
    const { description, software } = device;
    if (!begun) emit({ kind: 'testing', device: description, software, kernels: kernelFingerprint() });
    begun = true;
    for (; trial < all.length; trial++, checked = 0) {
      let nth = 0;
      for await (const check of selfTest(device, [all[trial] as Trial], signal)) {
        if (nth++ < checked) continue;
        checked++;
        emit({ kind: 'checked', check });
        await yieldToEvents();
      }
    }
    return true;
  }, signal);
  if (!tested) throw noWebGpu();
}

function trials(shipped: string, signal: AbortSignal): Trial[] {
  const golden = (name: string) => () => openGolden(name, signal);
  return [
    { name: 'single', open: golden('single') },
    { name: 'base', open: golden('base'), everyTile: true },
    { name: 'odd', open: golden('odd') },
    { name: 'biases', open: golden('biases') },
    { name: 'int8', precision: 'int8', open: async () => rounded(await openGolden('biases', signal), 'int8') },
    { name: 'int4', precision: 'int4', open: async () => rounded(await openGolden('biases', signal), 'int4') },
    { name: 'nf4', precision: 'nf4', open: async () => rounded(await openGolden('head64', signal), 'nf4') },
    { name: 'head64', open: golden('head64') },
    { name: 'long', open: golden('long') },
    { name: 'decoder', open: golden('decoder') },
    { name: 'stories', openAnswers: () => openShipped(shipped, signal) },
  ];
}

async function openGolden(name: string, signal: AbortSignal): Promise<Known> {
  const [arch, weights, expected] = await Promise.all(
    ['config.json', WEIGHTS_FILE, 'expected.json'].map((file) => read(`${name}/${file}`, signal)),
  );
  const files = new Map([
    ['config.json', arch as Bytes],
    [WEIGHTS_FILE, weights as Bytes],
  ]);
  const { ids, rows, logits } = parse(expected);
  return {
    ...(await openNetwork(memorySource(files, name), { signal })),
    ids: Int32Array.from(ids),
    rows: Int32Array.from(rows),
    logits,
  };
}

async function openShipped(folder: string, signal: AbortSignal): Promise<KnownAnswers> {
  const network = await openNetwork(httpSource(folder), { signal });
  const { ids, rows } = parse(await read('stories.json', signal));
  return { ...network, ids: Int32Array.from(ids), answers: rows };
}

async function read(name: string, signal: AbortSignal): Promise<Bytes> {
  // Only a bundler knows the addresses.
  const { goldenFile } = await import('../../engine/golden-files.ts');
  const url = goldenFile(name);
  const at = url.lastIndexOf('/') + 1;
  // No limit was set and the file is part of the page, so this is its bytes.
  return (await httpSource(url.slice(0, at)).readAll(decodeURIComponent(url.slice(at)), { signal })) as Bytes;
}

// biome-ignore lint/suspicious/noExplicitAny: files of our own, written by make_golden.py
function parse(bytes: Bytes | undefined): any {
  return JSON.parse(new TextDecoder().decode(bytes));
}
