/** Texts that a model writes itself while it learns, a group after each prompt, and what a program finds in them. */
import { endIds } from '../checkpoint/end-ids.ts';
import type { Model } from '../checkpoint/model.ts';
import { continueCanvas } from '../diffusion/canvas.ts';
import { generateTogether } from '../diffusion/generate.ts';
import type { Network } from '../diffusion/network.ts';
import { applyStep } from '../diffusion/replay.ts';
import { Stream, stepKey, word } from '../diffusion/rng.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import { groupAdvantages } from './objectives/grpo.ts';
import type { Rows, StepDraw } from './objectives/objective.ts';
import type { TrainSettings } from './train-settings.ts';

/** A text that was written, up to its end. */
export interface WrittenText {
  readonly prompt: string;
  readonly text: string;
  /** From 0 to 1. */
  readonly reward: number;
}

export interface WrittenRows {
  /** With `written`; a slot behind the end of a text is a mask that counts nothing. */
  readonly rows: Rows & Required<Pick<Rows, 'written'>>;
  readonly texts: readonly WrittenText[];
}

export type GroupWriter = (prompts: Rows, draw: StepDraw) => Promise<WrittenRows>;

/** The words of a list with commas, in small letters, each once. */
export function wordsOfList(list: string): string[] {
  const words = list.split(/[,，、]/).map((each) => each.trim().toLowerCase());
  return [...new Set(words.filter((each) => each !== ''))];
}

/** The share of the words that stand in a text, whole and in any case; scripts without spaces have no bounds of words. */
export function rewardOf(text: string, words: readonly string[]): number {
  if (words.length === 0) return 0;
  const plain = text.toLowerCase();
  return words.filter((each) => holds(plain, each)).length / words.length;
}

const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function holds(text: string, wanted: string): boolean {
  if (UNSPACED.test(wanted)) return text.includes(wanted);
  const escaped = wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'u').test(text);
}

/**
 * Writes with the weights of the moment, at temperature 1, two tokens a step; what is drawn is a function of seed, step and
 * place. Throws what the network throws.
 */
export function groupWriter(
  network: Network,
  { arch, tokenizer }: Pick<Model, 'arch' | 'tokenizer'>,
  { group, words: list }: Pick<TrainSettings, 'group' | 'words'>,
): GroupWriter {
  const words = wordsOfList(list);
  const mask = arch.ids.mask as number;
  const ends = new Set([...endIds(arch), arch.ids.sep].filter((id) => id !== undefined));
  return async (prompts, { seed, step }) => {
    const { length } = prompts;
    const key = stepKey(seed, step, Stream.Objective);
    const count = (prompts.ids.length / length) * group;
    const starts = Array.from({ length: count }, (_, row) => {
      const from = Math.floor(row / group) * length;
      const prompt = prompts.ids.subarray(from, from + length).filter((__, i) => prompts.maskable[from + i] === 0);
      const open = length - prompt.length;
      const settings = {
        ...defaultSettings(),
        prompt: '',
        length: open,
        steps: Math.ceil(open / 2),
        block: 0,
        temperature: 1,
        seed: word(key, row, 0),
      };
      return { prompt, canvas: continueCanvas(prompt, open, mask), settings };
    });
    const canvases = starts.map(({ canvas }) => canvas);
    for await (const { run, step: made } of generateTogether(network, starts)) {
      canvases[run] = applyStep(canvases[run] as (typeof canvases)[number], made, mask);
    }
    const ids = new Int32Array(count * length).fill(mask);
    const maskable = new Uint8Array(ids.length);
    const texts = starts.map(({ prompt }, row): WrittenText => {
      const own = [...(canvases[row] as (typeof canvases)[number]).ids].slice(prompt.length);
      const end = own.findIndex((id) => ends.has(id));
      // The end itself is chosen, too.
      const kept = end < 0 ? own : own.slice(0, end + 1);
      ids.set(prompt, row * length);
      ids.set(kept, row * length + prompt.length);
      maskable.fill(1, row * length + prompt.length, row * length + prompt.length + kept.length);
      const text = tokenizer.decode(end < 0 ? own : own.slice(0, end));
      return { prompt: tokenizer.decode([...prompt]), text, reward: rewardOf(text, words) };
    });
    const rewards = Float32Array.from(texts, ({ reward }) => reward);
    const written = { rewards, advantages: groupAdvantages(rewards, group) };
    return { rows: { ids, maskable, length, written }, texts };
  };
}
