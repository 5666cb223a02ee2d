/**
 * A run as a few lines of TypeScript on this program's own rooms, and as a line for a POSIX shell. They write the same
 * text wherever they run, because every choice comes from the seed.
 */
import { formatLink } from '../../../../diffusion/link.ts';
import { SETTING_NAMES, SETTINGS, type Settings } from '../../../../diffusion/settings.ts';
import { SHIPPED } from '../../../../diffusion/shipped.ts';
import type { Trace } from '../../../../diffusion/trace.ts';
import { m } from '../../../messages/index.ts';
import { type Comments, commented, notRepeated } from './notes.ts';
import { shellWord, tame, typescriptString } from './quoted.ts';

/** Where the files of the run's model are taken to lie. */
function folderOf(model: string): string {
  return SHIPPED.includes(model) ? `public/models/${model}` : `models/${tame(model.split('/').at(-1) ?? '')}`;
}

export function commandOf({ settings }: Trace, page: string): string {
  const model = SHIPPED.includes(settings.model) ? '' : ` --model ${shellWord(folderOf(settings.model))}`;
  return `npm run generate -- --link ${shellWord(`${page}#/generate?${formatLink(settings)}`)}${model}`;
}

export function typescriptOf(trace: Trace, branched: boolean): string {
  const { settings } = trace;
  const chat = settings.mode === 'chat';
  const words = m.takeaway.code;
  const notes: Comments = [...words.typescript, ...notRepeated(trace, branched)];
  if (!SHIPPED.includes(settings.model)) notes.push(words.otherModel(folderOf(settings.model)));
  return `${commented(notes, '//')}
import { openModel } from './src/checkpoint/open.ts';
import { canvasFor } from './src/checkpoint/prompt.ts';
import { endingIn${chat ? ', replyOf' : ''} } from './src/checkpoint/reply.ts';
import { folderSource } from './src/node/folder.ts';
import { copyCanvas${chat ? ', Slot' : ''} } from './src/diffusion/canvas.ts';
import { generate } from './src/diffusion/generate.ts';
import { applyStep } from './src/diffusion/replay.ts';
import { defaultSettings, type Settings } from './src/diffusion/settings.ts';
import { openFallbackBackend } from './src/worker/fallback.ts';

const settings: Settings = ${literal(settings)};

const model = await openModel(await folderSource(${typescriptString(folderOf(settings.model))}), { id: settings.model });
const { network } = await openFallbackBackend(model, {});
const start = canvasFor(settings, model.tokenizer, model.arch, model.chatTemplate);
let canvas = copyCanvas(start);
for await (const step of generate(network, start, settings, { ending: endingIn(model) })) {
  canvas = applyStep(canvas, step, network.info.maskId);
}
${
  chat
    ? 'const answer = [...canvas.ids.subarray(start.states.lastIndexOf(Slot.Given) + 1)];\nconsole.log(replyOf(answer, model).text);'
    : 'console.log(model.tokenizer.decode([...canvas.ids]));'
}
`;
}

/** What differs from the table, so that a reader sees what matters. */
function literal(settings: Settings): string {
  const changed = SETTING_NAMES.filter((name) => name === 'seed' || settings[name] !== SETTINGS[name].default);
  const lines = changed.map((name) => `  ${name}: ${literalOf(settings[name])},\n`);
  return `{\n  ...defaultSettings(),\n${lines.join('')}}`;
}

const literalOf = (value: string | number | boolean) =>
  typeof value === 'string' ? typescriptString(value) : String(value);
