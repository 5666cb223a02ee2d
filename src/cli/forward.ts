/**
 * One forward pass without a page: the logits of every position of a canvas as a NumPy file, to be compared with any
 * other implementation. `npm run forward -- --ids 5,6,4,9 --out logits.npy`, with `--backend fallback` by tfjs.
 */
import { openNetwork } from '../checkpoint/open.ts';
import { inPrecision } from '../checkpoint/precision.ts';
import type { Engine } from '../engine/engine.ts';
import { folderSource } from '../node/folder.ts';
import { writeNpy } from '../node/npy.ts';
import { activate } from '../training/backends.ts';
import { plainLogits } from '../training/logits.ts';
import { withAdapter } from './adapter.ts';
import { argumentError, FORWARD_HELP, type ForwardArguments, parseForward } from './arguments.ts';
import { putOnGpu } from './model-on-gpu.ts';
import { run, type StatusLine } from './program.ts';

await run(async (status) => {
  const given = parseForward(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${FORWARD_HELP}\n`);
  else await forward(given, status);
});

async function forward(given: ForwardArguments, status: StatusLine): Promise<void> {
  const { folder, ids, out, bits, backend } = given;
  status.show(`reading ${folder}`);
  const network = await openNetwork(await folderSource(folder));
  const { vocab: vocabSize, maxLength } = network.arch;
  const stray = ids.find((id) => id >= vocabSize);
  if (stray !== undefined) {
    throw argumentError(
      `--ids holds ${stray}, but the vocabulary has ${vocabSize} tokens.`,
      `Give ids below ${vocabSize}.`,
    );
  }
  if (ids.length > maxLength) {
    throw argumentError(
      `--ids holds ${ids.length} tokens, but the model reads at most ${maxLength}.`,
      'Give fewer ids.',
    );
  }
  const { network: adapted, live, weight } = await withAdapter(network, given.adapter);
  // At most a quarter of a GiB at a time; a long canvas over a large vocabulary would not fit in memory.
  const rows = 64 * Math.max(1, Math.floor(2 ** 28 / (4 * 64 * vocabSize)));
  const write = async (logits: AsyncIterable<Float32Array>) => {
    status.show(`forward pass of ${ids.length} tokens`);
    await writeNpy(out, [ids.length, vocabSize], logits);
    status.say(`float32 [${ids.length}, ${vocabSize}] in ${out}`);
  };
  if (backend === 'fallback') {
    await activate('wasm');
    const rounded = { ...adapted, weights: inPrecision(adapted.arch, adapted.weights, bits) };
    await write(plainLogits(rounded, ids, rows, live && { ...live, weight }));
    return;
  }
  const { engine, close } = await putOnGpu(adapted, status, bits);
  try {
    await engine.setAdapter(live, weight);
    await write(rowsOf(engine, ids, rows));
  } finally {
    close();
  }
}

async function* rowsOf(engine: Engine, ids: Int32Array, rows: number): AsyncGenerator<Float32Array> {
  for (let from = 0; from < ids.length; from += rows) {
    yield await engine.logits(ids, from, Math.min(from + rows, ids.length));
  }
}
