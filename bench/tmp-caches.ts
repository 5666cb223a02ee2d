import { openModel } from '../src/checkpoint/open.ts';
import { getGpu } from '../src/cli/dawn.ts';
import { folderSource } from '../src/cli/node-folder.ts';
import { openFallbackBackend } from '../src/worker/fallback.ts';
import { openWebGpuBackend } from '../src/worker/webgpu.ts';
const model = await openModel(await folderSource('public/models/stories-ar'), { id: 'ar' });
const backends = [await openFallbackBackend(model, {}), await openWebGpuBackend(await getGpu(), model, {})];
for (const b of backends) {
  const w = b!.autoregressor!;
  const ids = Array.from({length: 16}, (_, i) => 100 + i*7);
  const times: number[] = [];
  for (let t = 0; t < 40; t++) {
    const began = performance.now();
    const a = await w.next({ ids: Int32Array.from(ids), draw: { seed: 1, step: ids.length, temperature: 0.8 }, topK: 8 });
    times.push(performance.now() - began);
    ids.push(a.ids[0]!);
  }
  console.log(b!.name, 'first', times[0]!.toFixed(1), 'second', times[1]!.toFixed(1), 'median', times.slice(3).toSorted((x,y)=>x-y)[18]!.toFixed(2), model.tokenizer.decode(ids).slice(0, 200));
  const began = performance.now();
  const s = await w.score(Int32Array.from(ids));
  console.log('score', (performance.now() - began).toFixed(1), s.reduce((x, y) => x + y, 0));
  const full: number[] = [];
  for (let t = 0; t < 4; t++) {
    const began = performance.now();
    await b!.denoiser.predict({ ids: Int32Array.from(ids).with(0, t), slots: Int32Array.of(50), draw: { seed: 1, step: 0, temperature: 0.8 }, topK: 8 });
    full.push(performance.now() - began);
  }
  console.log('full', full.map((x) => x.toFixed(1)));
}
for (const b of backends) b!.dispose();
