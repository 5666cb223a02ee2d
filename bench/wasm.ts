/**
 * One forward pass with decode and draw, our WebGPU kernels (Dawn) beside tfjs on WebAssembly: same weights, same
 * canvases, same questions, in turn. `npm run bench:wasm -- [--model DIR] [--rounds N] [--json FILE]`.
 * On a software driver both run on the processor, so the figures then compare programs, not devices.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Summary, summarise, takeTurns } from '../src/bench/rounds.ts';
import { openModel } from '../src/checkpoint/open.ts';
import { type Network, predictOne } from '../src/diffusion/network.ts';
import { getGpu } from '../src/node/dawn.ts';
import { folderSource } from '../src/node/folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';
import { openWebGpuBackend } from '../src/worker/webgpu.ts';

const LENGTHS = [64, 128, 256, 512];
/** Share of the positions that is asked: every mask of a fresh canvas, and a canvas that is three quarters written. */
const SHARES = [1, 0.25];
/** Largest difference of log-probabilities that still counts as the same answer (f32 sums in another order). */
const SAME = 1e-3;

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'public/models/stories' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
  },
});

const model = await openModel(await folderSource(values.model), { id: values.model });
const gpu = await getGpu();
const webgpu = await openWebGpuBackend(gpu, model, {});
const tfjs = await openFallbackBackend(model, {});
if (webgpu === undefined) throw new Error('No WebGPU adapter.');
const contestants = [webgpu, tfjs];
let turn = 0;

const rows: { tokens: number; asked: number; backends: Record<string, Summary>; ratio: number }[] = [];
for (const tokens of LENGTHS.filter((length) => length <= model.arch.maxLength)) {
  for (const share of SHARES) {
    const asked = Math.round(tokens * share);
    await sameAnswer(tokens, asked);
    const work =
      ({ network }: { network: Network }) =>
      () =>
        ask(network, tokens, asked, turn++);
    const times = await takeTurns(contestants.map(work), Number(values.rounds));
    const [ours, theirs] = times.map(summarise) as [Summary, Summary];
    rows.push({
      tokens,
      asked,
      backends: { [webgpu.name]: ours, [tfjs.name]: theirs },
      ratio: theirs.median / ours.median,
    });
    print(`${tokens} tokens, ${asked} asked: webgpu ${show(ours)}, tfjs ${tfjs.name} ${show(theirs)}`);
  }
}
print(table());
const report = {
  device: webgpu.device,
  peer: `tfjs 4.22 ${tfjs.name}`,
  model: values.model,
  rounds: values.rounds,
  rows,
};
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(report, undefined, 1)}\n`);
for (const backend of contestants) backend.dispose();

/** `turn` makes every canvas of the run a new one, so that nothing is answered from memory. */
async function ask(network: Network, tokens: number, count: number, turn: number) {
  const { vocabSize, maskId = 0 } = network.info;
  const ids = new Int32Array(tokens).fill(maskId);
  ids[0] = turn % vocabSize;
  ids[1] = Math.floor(turn / vocabSize) % vocabSize;
  const asked = Int32Array.from({ length: count }, (_, i) => Math.floor((i * tokens) / count));
  const draw = { seed: 1, step: turn, temperature: 0.7 };
  const answer = await predictOne(network, { ids, asked, draw }, { topK: 32 });
  if (answer.forwards !== 1) throw new Error(`Canvas ${turn} was answered from memory.`);
  return answer;
}

/** Speed only counts when the answers agree. */
async function sameAnswer(tokens: number, asked: number): Promise<void> {
  const [a, b] = await Promise.all(
    contestants.map(({ network }) => ask(network, tokens, asked, 4001 + tokens + asked)),
  );
  const off = a?.logSumExp.reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - (b?.logSumExp[i] as number))),
    0,
  );
  if (off === undefined || !(off < SAME)) throw new Error(`The answers differ by ${off} at ${tokens} tokens.`);
}

function show({ median, lower, upper }: Summary): string {
  return `${median.toFixed(1)} ms (${lower.toFixed(1)}–${upper.toFixed(1)})`;
}

function table(): string {
  const head = `| tokens | asked | Unmask, WebGPU on ${webgpu?.device} | tfjs 4.22, ${tfjs.name} | ratio |\n|--:|--:|--:|--:|--:|`;
  const lines = rows.map(({ tokens, asked, backends, ratio }) => {
    const [ours, theirs] = Object.values(backends) as [Summary, Summary];
    return `| ${tokens} | ${asked} | ${show(ours)} | ${show(theirs)} | ${ratio.toFixed(2)} × |`;
  });
  return ['', head, ...lines].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
