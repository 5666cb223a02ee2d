/** What the bench has a program do, on canvases none of which comes twice. */
import { continueCanvas } from '../diffusion/canvas.ts';
import { generate } from '../diffusion/generate.ts';
import { type NetworkInfo, predictOne } from '../diffusion/network.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import type { Contestant } from './contestant.ts';
import type { Task } from './report.ts';

/** Tokens of the longest canvas. */
export const LONGEST = 512;
const PROMPT = 16;
const NEW_TOKENS = 128;
const BLOCK = 32;

export function tasksOf({ quick }: { readonly quick: boolean }): Task[] {
  const lengths = quick ? [64, 256] : [64, 128, 256, 512];
  const steps = quick ? [32] : [128, 64, 32];
  return [
    ...lengths.flatMap((tokens) =>
      [1, 0.25].map((share): Task => ({ kind: 'forward', tokens, asked: Math.round(tokens * share) })),
    ),
    ...steps.map((count): Task => ({ kind: 'generate', tokens: NEW_TOKENS, steps: count })),
  ];
}

/** Tokens that go through the network, as a guess of how long a task takes. */
export function weightOf(task: Task): number {
  return task.kind === 'forward' ? task.tokens : task.steps * (PROMPT + task.tokens);
}

/** Log-sum-exp of some slots of a canvas longer than the window. */
export async function logSums({ network }: Contestant): Promise<Float32Array> {
  const ids = newCanvas(160, network.info, 4001);
  const asked = Int32Array.from({ length: 32 }, (_, i) => 5 * i);
  const draw = { seed: 1, step: 0, temperature: 0 };
  return (await predictOne(network, { ids, asked, draw }, { topK: 1, fresh: true })).logSumExp;
}

/** `turn` makes every canvas of the run a new one, so that nothing is answered from memory. */
export async function perform(contestant: Contestant, task: Task, turn: number, signal?: AbortSignal): Promise<void> {
  const { network } = contestant;
  if (task.kind === 'forward') {
    const { tokens, asked } = task;
    const slots = Int32Array.from({ length: asked }, (_, i) => Math.floor((i * tokens) / asked));
    await contestant.forward(newCanvas(tokens, network.info, turn), slots);
    return;
  }
  let steps = 0;
  for await (const forwards of generation(contestant, task, turn, signal)) {
    if (forwards === 0) throw new Error(`Step ${steps} of turn ${turn} was answered from memory.`);
    steps++;
  }
  signal?.throwIfAborted();
  if (steps !== task.steps) throw new Error(`A generation of ${task.steps} steps took ${steps}.`);
}

/** The first block of a generation, one token a step: it asks for every number of slots that any generation asks for. */
export async function warmUp(contestant: Contestant, turn: number, signal?: AbortSignal): Promise<void> {
  let steps = 0;
  for await (const _ of generation(contestant, { tokens: NEW_TOKENS, steps: NEW_TOKENS }, turn, signal)) {
    if (++steps === BLOCK) break;
  }
  signal?.throwIfAborted();
}

/** Forward passes of each step. */
async function* generation(
  { network }: Contestant,
  { tokens, steps }: { readonly tokens: number; readonly steps: number },
  turn: number,
  signal?: AbortSignal,
): AsyncGenerator<number> {
  const prompt = newCanvas(PROMPT, network.info, turn);
  const settings = { ...defaultSettings(), length: tokens, steps, block: BLOCK, seed: turn };
  const canvas = continueCanvas(prompt, tokens, network.info.maskId);
  for await (const step of generate(network, canvas, settings, { signal })) yield step.forwards;
}

/** Token ids none of which is the mask: the turn, written out, then a pattern that depends on it. */
function newCanvas(tokens: number, { vocabSize, maskId = -1 }: NetworkInfo, turn: number): Int32Array {
  const words = vocabSize - maskId - 1;
  return Int32Array.from({ length: tokens }, (_, i) => {
    const digit = i < 3 ? Math.floor(turn / words ** i) : (i + turn) * 7919;
    return maskId + 1 + (digit % words);
  });
}
