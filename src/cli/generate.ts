/**
 * Writes text on a canvas without a page: the same settings, canvas, loop and engine as the page, so the same link gives
 * the same text. `npm run generate -- --prompt "Once upon a time" --length 64`; `--help` lists all options.
 */
import { basename } from 'node:path';
import type { Model } from '../checkpoint/model.ts';
import { openModel } from '../checkpoint/open.ts';
import { canvasFor } from '../checkpoint/prompt.ts';
import { endingIn, replyOf } from '../checkpoint/reply.ts';
import { type Canvas, copyCanvas, openId, openSlots, Slot } from '../diffusion/canvas.ts';
import { editsOf } from '../diffusion/link-moment.ts';
import { appending } from '../diffusion/processes/autoregressive.ts';
import { applyStep, writeEdit } from '../diffusion/replay.ts';
import { cutTo } from '../diffusion/segments.ts';
import type { Settings } from '../diffusion/settings.ts';
import type { Ended, Step, Trace } from '../diffusion/trace.ts';
import { encodeTrace } from '../diffusion/trace-encode.ts';
import { walk } from '../diffusion/walk.ts';
import { warmUp } from '../diffusion/warm-up.ts';
import { folderSource } from '../node/folder.ts';
import { english } from '../text/said.ts';
import { Pieces } from '../worker/pieces.ts';
import { withAdapter } from './adapter.ts';
import { type GenerateArguments, generateHelp, parseGenerate } from './arguments.ts';
import { writeWhole } from './full-disk.ts';
import { putOnGpu } from './model-on-gpu.ts';
import { run, type StatusLine } from './program.ts';

await run(async (status) => {
  const given = parseGenerate(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${generateHelp()}\n`);
  else await write(given, status);
});

async function write(
  { settings, folder, bits, adapter, step: most, moment, trace, alternatives, notes }: GenerateArguments,
  status: StatusLine,
): Promise<void> {
  for (const note of notes) status.say(note);
  status.show(`reading ${folder}`);
  const model = await openModel(await folderSource(folder), { id: settings.model });
  if (model.note) status.say(english(model.note));
  const start = canvasFor(settings, model.tokenizer, model.arch, model.chatTemplate);
  const { network, live, weight } = await withAdapter(model, adapter);
  const { engine, device, close } = await putOnGpu(network, status, bits);
  const own = engine.info.causal ? appending(settings) : settings;
  try {
    await engine.setAdapter(live, weight);
    const edits = moment ? editsOf(moment, engine.info.maskId) : [];
    const earlier = moment && moment.earlier.length > 0 ? { earlier: moment.earlier } : {};
    const recipe = { settings: own, edits, ...earlier, ...(most === undefined ? {} : { step: most }) };
    let canvas = copyCanvas(start);
    const pieces = new Pieces(model.tokenizer);
    const texts = pieces.fresh(
      start.ids,
      Int32Array.from(edits, ({ id }) => id),
    );
    const steps: Step[] = [];
    // A record is of passes, not of compiling the first one.
    if (trace !== undefined) await warmUp(engine, start.ids.length);
    const began = performance.now();
    let forwards = 0;
    let ended: Ended | undefined;
    for await (const step of walk(engine, start, recipe, { ending: endingIn(model) })) {
      for (const edit of edits) if (edit.before === step.index) writeEdit(canvas, edit);
      canvas = applyStep(canvas, step, engine.info.maskId);
      forwards += step.forwards;
      ended = step.ended;
      Object.assign(texts, pieces.ofStep(step));
      steps.push(step);
      const left = openSlots(canvas).length;
      status.show(`step ${step.index + 1}, ${left} masks left, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
    for (const edit of edits) if (edit.before === steps.length) writeEdit(canvas, edit);
    const seconds = (performance.now() - began) / 1000;
    const recorded: Trace = {
      version: 3,
      settings: own,
      ...earlier,
      model: {
        id: model.id,
        parameters: model.weights.parameters,
        ...(adapter && { adapter: { id: basename(adapter.folder), weight: adapter.weight } }),
      },
      backend: { name: 'webgpu', device },
      start,
      maskId: engine.info.maskId,
      steps,
      // A run that stops at an early step has not come to all that the link tells.
      edits: edits.filter(({ before }) => before <= steps.length),
      pieces: texts,
    };
    const left = openSlots(canvas).length;
    if (ended) status.say(stopped(ended, left));
    else if (left > 0) status.say(`${left} slots are still masked.`);
    status.say(`${forwards} forward passes in ${seconds.toFixed(1)} s on ${device}`);
    process.stdout.write(`${textOf(canvas, start.states, model, settings)}\n`);
    if (trace !== undefined) await writeWhole(trace, encodeTrace(cutTo(recorded, steps.length), { alternatives }));
  } finally {
    close();
  }
}

function stopped({ saved }: Ended, left: number): string {
  const passes = saved === undefined ? '' : `, which saved ${saved} forward passes`;
  return `The answer has ended, so ${left} slots were not needed${passes}.`;
}

/** The whole text, or in mode chat the answer alone. */
function textOf({ ids }: Canvas, startStates: Uint8Array, model: Model, settings: Settings): string {
  if (settings.mode !== 'chat') return model.tokenizer.decode([...ids].filter((id) => id !== openId(undefined)));
  return replyOf([...ids.subarray(startStates.lastIndexOf(Slot.Given) + 1)], model).text;
}
