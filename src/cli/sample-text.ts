/**
 * Writes the text that ships to learn from, `public/data/sample.txt`: short stories by the shipped autoregressive model,
 * so that nobody else's sentences are in it. `npm run sample-text`; same model, same text.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openModel } from '../checkpoint/open.ts';
import { continueCanvas } from '../diffusion/canvas.ts';
import { generate } from '../diffusion/generate.ts';
import { OPENINGS } from '../diffusion/openings.ts';
import { writtenIdsIn } from '../diffusion/ops.ts';
import { autoregressive } from '../diffusion/processes/autoregressive.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import { folderSource } from '../node/folder.ts';
import { openFallbackBackend } from '../worker/fallback.ts';
import { run } from './program.ts';

const STORIES = 100;
const TOKENS = 120;
const MODEL = fileURLToPath(new URL('../../public/models/stories-ar', import.meta.url));
const OUT = fileURLToPath(new URL('../../public/data/sample.txt', import.meta.url));

await run(async (status) => {
  const model = await openModel(await folderSource(MODEL), { id: 'stories-ar' });
  const { network, dispose } = await openFallbackBackend(model, {});
  if (!network.info.causal) throw new Error('The model does not write from left to right.');
  const { sep, cls, mask } = model.arch.ids;
  const before = cls === undefined ? [] : [cls];
  const stories: string[] = [];
  for (let seed = 0; seed < STORIES; seed++) {
    const opening = OPENINGS[seed % OPENINGS.length] as string;
    const prompt = model.tokenizer.encode(opening);
    const settings = { ...defaultSettings(), seed, length: TOKENS, temperature: 1, topP: 0.95 };
    const ids = [...prompt];
    const canvas = continueCanvas(prompt, TOKENS, mask);
    const ends = sep === undefined ? [] : [sep];
    const process = autoregressive({ before, ends });
    for await (const step of generate(network, canvas, settings, { process })) ids.push(...writtenIdsIn(step));
    // A story that was cut off ends with its last whole sentence.
    const text = model.tokenizer.decode(ids).trim();
    const end = Math.max(...['.', '!', '?', '"'].map((mark) => text.lastIndexOf(mark)));
    stories.push(text.slice(0, end + 1));
    status.show(`${seed + 1} of ${STORIES} stories`);
  }
  dispose();
  await writeFile(OUT, `${stories.join('\n\n')}\n`);
  status.say(`${stories.length} stories in ${OUT}`);
});
