/** Recorded runs for tests of files and branches: a table in the place of the network, the real loop, a fixed clock. */
import { continueCanvas } from '../canvas.ts';
import { generate } from '../generate.ts';
import { canvasAt } from '../replay.ts';
import { defaultSettings } from '../settings.ts';
import type { Step, Trace } from '../trace.ts';
import { type Case, hashNetwork, MASK } from './arbitrary.ts';

/** Six tokens after a prompt of two, in three steps. */
export const example: Case = {
  canvas: continueCanvas([1, 2], 6, MASK),
  settings: { ...defaultSettings(), length: 6, steps: 3 },
  network: hashNetwork(7),
};

export async function record({ canvas, settings, network }: Case): Promise<Trace> {
  const steps: Step[] = [];
  for await (const step of generate(network, canvas, settings, { now: () => 0 })) steps.push(step);
  return {
    version: 3,
    settings,
    model: { id: 'stories', parameters: 1234 },
    backend: { name: 'cpu', device: 'table' },
    start: canvas,
    maskId: MASK,
    steps,
    edits: [],
    pieces: { 0: '<unk>', 3: ' fox', 7: '\ud83e\udd8a' },
  };
}

/** A run, and one that left it before step `at` with a pinned word and other settings. */
export async function recordExample(at = 2): Promise<{ trace: Trace; branched: Trace }> {
  const trace = await record(example);
  const settings = { ...trace.settings, seed: 9, temperature: 0.5 };
  const edits = [{ before: at, slot: trace.start.ids.length - 1, id: 3, state: 4 }];
  const steps = trace.steps.slice(0, at);
  const canvas = canvasAt({ ...trace, steps, edits }, at);
  const cursor = steps.at(-1)?.next;
  for await (const step of generate(example.network, canvas, settings, { cursor, now: () => 0 })) steps.push(step);
  return { trace, branched: { ...trace, settings, steps, edits } };
}
