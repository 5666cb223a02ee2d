/** Whole recipes under a name: each fills every field of the settings. */
import { defaultTrainSettings, type TrainSettings } from './train-settings.ts';

/** What differs from the defaults; sources beside each. */
const RECIPES = {
  /** github.com/nathan-barry/RoBERTaDiffusion, blog version: WikiText-2 in blocks of 256, ten rates, HF Trainer's AdamW. */
  'barry-roberta': {
    data: 'wikitext-2',
    init: 'stories',
    objective: 'ten-rates',
    maskRates: 10,
    prefix: 16,
    rows: 'lines',
    length: 256,
    batch: 16,
    lr: 5e-5,
    warmup: 0,
    decay: 'linear',
    weightDecay: 0,
    steps: 4000,
  },
  /** dLLM examples/bert: MDLM with 1/t weights on short texts, cosine after 10 % warm-up; its script's length and batch. */
  'dllm-warm-up': {
    data: 'sample',
    init: 'stories',
    objective: 'mdlm',
    weighting: 'schedule',
    schedule: 'linear',
    rows: 'documents',
    padding: 'learnt',
    length: 128,
    batch: 16,
    lr: 1e-4,
    warmup: 0.1,
    decay: 'cosine',
    weightDecay: 0,
    steps: 1000,
  },
  /** tiny-diffusion: characters from scratch, uniform weights over masked positions, as wide and deep, a shorter run. */
  'shakespeare-characters': {
    data: '',
    init: 'fresh',
    size: 'large',
    tokenizer: 'characters',
    objective: 'mdlm',
    weighting: 'uniform',
    rows: 'blocks',
    length: 256,
    batch: 64,
    lr: 3e-4,
    warmup: 0.02,
    decay: 'constant',
    weightDecay: 0.01,
    heldOut: 0.1,
    steps: 10_000,
    evalEvery: 500,
    sampleEvery: 500,
    saveEvery: 500,
  },
  /** From autoregression to diffusion (A2D, dLLM): the twin that appends learns to fill masks; `experiments.ts`. */
  a2d: {
    data: 'sample',
    init: 'stories-ar',
    objective: 'mdlm',
    rows: 'blocks',
    length: 64,
    batch: 8,
    lr: 0.001,
    heldOut: 0.2,
    steps: 120,
    evalEvery: 10,
    evalTexts: 32,
    sampleEvery: 60,
    saveEvery: 30,
  },
  /** dLLM examples/bert/sft.py as BERT-Chat was made: the last answer of each conversation, 1/t weights, padding learnt. */
  'dllm-bert-chat': {
    data: '',
    init: 'stories',
    objective: 'mdlm',
    weighting: 'schedule',
    schedule: 'linear',
    rows: 'chats',
    padding: 'learnt',
    length: 1024,
    batch: 48,
    lr: 1e-4,
    warmup: 0.1,
    decay: 'cosine',
    weightDecay: 0,
    steps: 10_000,
    evalEvery: 500,
    sampleEvery: 500,
    saveEvery: 500,
  },
  /** The same for a small model and a page: short answers. */
  'tiny-chat': {
    data: '',
    init: 'stories',
    objective: 'mdlm',
    weighting: 'schedule',
    schedule: 'linear',
    rows: 'chats',
    padding: 'learnt',
    length: 128,
    batch: 8,
    lr: 3e-4,
    warmup: 0.1,
    decay: 'cosine',
    weightDecay: 0,
    steps: 300,
  },
  /** The shipped model of stories learns encyclopaedic prose. */
  'stories-to-wikitext': {
    data: 'wikitext-2',
    init: 'stories',
    objective: 'mdlm',
    weighting: 'schedule',
    rows: 'lines',
    length: 128,
    batch: 8,
    lr: 5e-4,
    warmup: 0.1,
    decay: 'linear',
    steps: 300,
  },
} as const satisfies Readonly<Record<string, Partial<TrainSettings>>>;

export type PresetName = keyof typeof RECIPES;
export const PRESETS = Object.keys(RECIPES) as PresetName[];

export function presetSettings(name: PresetName): TrainSettings {
  return { ...defaultTrainSettings(), ...RECIPES[name] };
}
