import { openModel } from '/work/wt/door/src/checkpoint/open.ts';
import { canvasFor } from '/work/wt/door/src/checkpoint/prompt.ts';
import { isOpen } from '/work/wt/door/src/diffusion/canvas.ts';
import { generateTogether } from '/work/wt/door/src/diffusion/generate.ts';
import { openingText, SHELF } from '/work/wt/door/src/diffusion/openings.ts';
import { applyStep } from '/work/wt/door/src/diffusion/replay.ts';
import { defaultSettings } from '/work/wt/door/src/diffusion/settings.ts';
import { repetition } from '/work/wt/door/src/diffusion/statistics.ts';
import { folderSource } from '/work/wt/door/src/node/folder.ts';
import { openFallbackBackend } from '/work/wt/door/src/worker/fallback.ts';
const writer = await openModel(await folderSource('public/models/stories'), { id: 'stories' });
const judge = await openModel(await folderSource('public/models/stories-ar'), { id: 'stories-ar' });
const w = await openFallbackBackend(writer, {}), j = await openFallbackBackend(judge, {});
const prompt = openingText(SHELF.find(({ name }) => name === 'ending')!, '[MASK]');
for (const how of [{ block: 0, orderTemperature: 0.1 }, { block: 0, orderTemperature: 0 }]) {
  const runs = Array.from({ length: 40 }, (_, seed) => {
    const settings = { ...defaultSettings(), ...how, mode: 'fill' as const, prompt, seed };
    return { settings, canvas: canvasFor(settings, writer.tokenizer, writer.arch), written: [] as number[] };
  });
  const now = runs.map((r) => r.canvas);
  for await (const { run, step } of generateTogether(w.network, runs, { fresh: true })) {
    for (const op of step.ops) if ('set' in op) runs[run]!.written.push(op.set);
    now[run] = applyStep(now[run]!, step, w.network.info.maskId);
  }
  const rows = [];
  for (const [k, { canvas, settings, written }] of runs.entries()) {
    const ids = [...now[k]!.ids];
    const open = [...canvas.states.keys()].filter((s) => isOpen(canvas.states[s]!));
    const [a, b] = [open[0]!, open.at(-1)!];
    const cls = judge.arch.ids.cls; const before = cls === undefined ? [] : [cls];
    const asked = Int32Array.from(ids.keys()).filter((s) => s >= a).map((s) => s + before.length);
    const [lp] = await j.network.score([{ ids: Int32Array.from([...before, ...ids]), asked }], [Int32Array.from(ids.slice(a))]);
    const ppl = Math.exp(-[...lp!].reduce((x, y) => x + y, 0) / lp!.length);
    const dist = written.map((s) => Math.min(s - a, b - s));
    let c = 0, n = 0; for (let i = 0; i < dist.length; i++) for (let m = i + 1; m < dist.length; m++) { c += Math.sign(dist[m]! - dist[i]!); n++; }
    const third = written.slice(0, 12);
    const left = third.filter((s) => s - a < b - s).length;
    rows.push({ seed: settings.seed, ppl, rep: repetition(ids.slice(a, b + 1), 3), tau: c / n, left, text: writer.tokenizer.decode(ids.slice(a, b + 1)), first: third.map((s) => s - a).join(' ') });
  }
  rows.sort((x, y) => x.ppl - y.ppl);
  console.log(JSON.stringify(how));
  for (const r of rows) console.log(r.seed, r.ppl.toFixed(1), r.rep.toFixed(2), 'tau', r.tau.toFixed(2), 'left', r.left, '|', r.first, '|', JSON.stringify(r.text));
}
w.dispose(); j.dispose();
