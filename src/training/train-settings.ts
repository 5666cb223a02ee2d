/**
 * The one table of training settings, as `src/diffusion/settings.ts` is for generating: the options of `npm run train`,
 * the fields of the Train view, presets, saved runs and model cards all come from it.
 */
import { DEFAULT_CURVE } from '../diffusion/curve.ts';
import { KAPPAS } from '../diffusion/edit-flow/kappa.ts';
import { MISTAKES } from '../diffusion/mistakes.ts';
import { choice, curve, flag, number, type Row, text } from '../diffusion/rows.ts';
import { SCHEDULE_CHOICES } from '../diffusion/settings.ts';
import { FIRST_TIME } from '../diffusion/times.ts';

export const OBJECTIVES = ['mdlm', 'bd3lm', 'edits', 'ten-rates', 'bert', 'next-token', 'vrpo', 'grpo'] as const;

/** Kinds of fresh models; `llama` is one that sees both sides unless it learns to predict the next token. */
export const ARCHITECTURES = ['modernbert', 'bert', 'roberta', 'llama'] as const;

/** Sizes of a fresh model; shapes in `fresh.ts`. */
export const SIZES = ['mini', 'tiny', 'small', 'medium', 'large'] as const;
export type SizeName = (typeof SIZES)[number];

export const ADAPTERS = ['none', 'lora'] as const;
const BITS = ['stored', '16', '8', '4', 'nf4'] as const;

export const TRAIN_SETTINGS = {
  /** What to learn from: a file, `sample`, or a name of `data/wikitext.ts`. */
  data: text('data', 'sample', 1000),
  /** A file whose texts are held out; empty = a share of the data. */
  valid: text('valid', '', 1000),
  /** A model to go on from, or `fresh`. */
  init: text('init', 'stories', 1000),
  /** The model to go on from forgets all: its shape and tokens with weights drawn anew, to compare with. */
  forget: flag('forget', false),
  /** Of a fresh model. */
  architecture: choice('architecture', 'modernbert', ARCHITECTURES),
  size: choice('size', 'tiny', SIZES),
  /** Of a fresh model: pieces learnt from the text (byte-level BPE), or single characters. */
  tokenizer: choice('tokenizer', 'bpe', ['bpe', 'characters']),
  /** Most pieces of a tokenizer that is learnt, special tokens included. */
  vocabulary: number('vocabulary', 2048, 266, 32_768, 1),
  objective: choice('objective', 'mdlm', OBJECTIVES),
  schedule: choice('schedule', 'linear', SCHEDULE_CHOICES),
  /** Points of the schedule `drawn`; the format is in `curve.ts`. */
  curve: curve('curve', DEFAULT_CURVE),
  /** MDLM and BD3-LM: p'/p makes the loss the NELBO; uniform counts each masked token alike. */
  weighting: choice('weighting', 'schedule', ['schedule', 'uniform']),
  /**
   * MDLM: all tokens of a text masked alike, rare ones before common ones (DiffusionBERT's spindle, which has a schedule of
   * its own), or those behind before those in front (AR-Diffusion's times).
   */
  maskOrder: choice('mask-order', 'even', ['even', 'spindle', 'position']),
  /** What the loss of a batch is divided by: its tokens, those of each text and the texts, the texts (dLLM). */
  normalisation: choice('normalisation', 'token', ['token', 'sequence', 'batch']),
  /** BD3-LM: tokens of a block. 1 is autoregression, `length` is MDLM. */
  block: number('block', 16, 1, 8192, 1),
  /** BD3-LM: each block at a time of its own (the paper), or all of a text at one (dLLM). */
  blockTimes: choice('block-times', 'each', ['each', 'shared']),
  /** BD3-LM: times are drawn from this interval; less than all of it is a clipped schedule (arXiv 2503.09573 §5). */
  firstTime: number('first-time', FIRST_TIME, FIRST_TIME, 1, 0.001),
  lastTime: number('last-time', 1, FIRST_TIME, 1, 0.001),
  /** BD3-LM: masks of a block are drawn again until their share lies in that interval (bd3lms `resample`). */
  redraw: flag('redraw', false),
  /** Edit Flows: what a text is made from: itself with mistakes, nothing, or masks. */
  corrupt: choice('corrupt', 'mixed', [...MISTAKES, 'empty', 'masks']),
  /** Share of its words that get a mistake; each text has its own, from 0 to twice this. */
  mistakes: number('mistakes', 0.12, 0, 1, 0.01),
  /** How many masks a text is made from. */
  editMasks: number('edit-masks', 64, 1, 1024, 1),
  /** How edits are spread over time. */
  kappa: choice('kappa', 'cubic', KAPPAS),
  /** Ten rates: how many mask rates i/n there are; one is drawn per batch. */
  maskRates: number('mask-rates', 10, 1, 1024, 1),
  /** Tokens at the start of each text that are never masked (ten rates). */
  prefix: number('prefix', 16, 0, 1024, 1),
  /** VRPO, GRPO: what it costs to come away from the reference; small is far. */
  beta: number('beta', 0.2, 0.001, 10, 0.001),
  /** VRPO: masked copies of each answer, the same for model and reference. */
  draws: number('draws', 4, 1, 64, 1),
  /** VRPO: weight of the usual loss on the chosen answers. */
  sft: number('sft', 0.05, 0, 10, 0.01),
  /** GRPO: texts that the model writes after each prompt. */
  group: number('group', 8, 2, 64, 1),
  /** GRPO: updates by one group, each with other masks in the prompt. */
  updates: number('updates', 4, 1, 64, 1),
  /** GRPO: how far the ratio of new and old probability counts, from 1 − so much to 1 + so much. */
  clipRatio: number('clip-ratio', 0.5, 0.01, 10, 0.01),
  /** GRPO: chance that a token of the prompt is masked when a text is weighed. */
  promptMask: number('prompt-mask', 0.15, 0, 1, 0.01),
  /** GRPO: words that a text is to use, with commas. Its reward is the share of them that it does use. */
  words: text('words', 'happy, park, mom', 200),
  /** Column of a table, field of JSON or path within it that holds the text; empty = the one that reads most like prose. */
  column: text('column', '', 200),
  /**
   * Blocks: all texts after one another, cut every `length` tokens. Lines: the same without empty lines (Barry's recipe).
   * Documents: one text per row, cut or padded. Chats: one conversation per row, of which the last answer is learnt (dLLM's
   * supervised fine-tuning).
   */
  rows: choice('rows', 'blocks', ['blocks', 'lines', 'documents', 'chats']),
  /** Padding of documents and chats: to be learnt, so that the model learns to stop (dLLM), or only seen. */
  padding: choice('padding', 'learnt', ['learnt', 'seen']),
  /** Share of the texts that is kept back to measure with. */
  heldOut: number('held-out', 0.05, 0.001, 0.5, 0.001),
  /**
   * How often each row is learnt in the course of the run: only so many rows are kept, drawn by the seed. 0 = all of them,
   * however often that is.
   */
  repeats: number('repeats', 0, 0, 10_000, 1),
  steps: number('steps', 300, 1, 10_000_000, 1),
  batch: number('batch', 8, 1, 1024, 1),
  /** Tokens of a row. */
  length: number('length', 128, 8, 8192, 1),
  /** Batches whose gradients make one step. */
  accumulation: number('accumulation', 1, 1, 1024, 1),
  /**
   * Megabytes that a run may take: a step is cut up until it stays within them. 0 = whatever the device gives, which is
   * found out by trying.
   */
  memory: number('memory', 0, 0, 1_000_000, 1),
  /** Highest learning rate. Far too high ones are allowed: to see a run fly apart is instructive. */
  lr: number('lr', 3e-4, 0, 1e6, 1e-6),
  /** Share of the steps in which the rate rises from 0. */
  warmup: number('warmup', 0.1, 0, 1, 0.01),
  /** How it falls after that. */
  decay: choice('decay', 'cosine', ['cosine', 'linear', 'constant']),
  weightDecay: number('weight-decay', 0.01, 0, 1, 0.001),
  /** Largest global norm of the gradient; 0 = none. */
  clip: number('clip', 1, 0, 1000, 0.1),
  beta1: number('beta1', 0.9, 0, 0.9999, 0.001),
  beta2: number('beta2', 0.999, 0, 0.99999, 0.001),
  /** Steps between two measurements on held-out texts; 0 = none. */
  evalEvery: number('eval-every', 50, 0, 1_000_000, 1),
  /** Rows they are made on. */
  evalTexts: number('eval-texts', 64, 1, 100_000, 1),
  /** Steps between two sample canvases; 0 = none. */
  sampleEvery: number('sample-every', 50, 0, 1_000_000, 1),
  /** Steps between two checkpoints; 0 = at the end only. */
  saveEvery: number('save-every', 100, 0, 1_000_000, 1),
  /** Measurements without a new lowest value after which the run ends; 0 = never. */
  patience: number('patience', 0, 0, 1000, 1),
  seed: number('seed', 42, 0, 0xffffffff, 1),
  /** What learns: the whole network, or low ranks beside weights that stay as they are (LoRA, arXiv 2106.09685). */
  adapter: choice('adapter', 'none', ADAPTERS),
  /** Of each low rank; what it adds is multiplied by alpha / rank, or alpha / √rank (rsLoRA, arXiv 2312.03732). */
  rank: number('rank', 32, 1, 1024, 1),
  alpha: number('alpha', 64, 0, 65_536, 0.1),
  rsLora: choice('rs-lora', 'off', ['off', 'on']),
  /** Chance that an element of what a low rank reads is left out. */
  loraDropout: number('lora-dropout', 0, 0, 0.95, 0.01),
  /** Modules that have one: `all-linear`, or names or their ends with commas, as PEFT takes them. */
  targets: text('targets', 'all-linear', 1000),
  /** How the weights that stay are held: in their stored bits, in 16 or 8, in 4 by groups of 32, or in NF4 (QLoRA). */
  bits: choice('bits', 'stored', BITS),
} as const;

export type TrainSettings = {
  readonly [K in keyof typeof TRAIN_SETTINGS]: ReturnType<(typeof TRAIN_SETTINGS)[K]['parse']>;
};
export type TrainSettingName = keyof TrainSettings;
export const TRAIN_SETTING_NAMES = Object.keys(TRAIN_SETTINGS) as TrainSettingName[];

/** Steps between two sample canvases; 0 = none. A run shorter than what is asked for shows five after its beginning. */
export function sampleEvery({ sampleEvery: asked, steps }: Pick<TrainSettings, 'sampleEvery' | 'steps'>): number {
  return asked > steps ? Math.max(1, Math.floor(steps / 5)) : asked;
}

export function defaultTrainSettings(): TrainSettings {
  return Object.fromEntries(TRAIN_SETTING_NAMES.map((name) => [name, TRAIN_SETTINGS[name].default])) as TrainSettings;
}

/** Settings from the texts of some of them by their short names. Throws `UnmaskError` code `settings`. */
export function parseTrainSettings(given: Readonly<Record<string, unknown>>): TrainSettings {
  const settings: Record<string, unknown> = defaultTrainSettings();
  for (const name of TRAIN_SETTING_NAMES) {
    const { key, parse } = TRAIN_SETTINGS[name] as Row<unknown>;
    const text = given[key];
    if (text !== undefined) settings[name] = parse(String(text));
  }
  return settings as unknown as TrainSettings;
}
