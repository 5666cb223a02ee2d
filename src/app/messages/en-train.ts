/** The words of the Train view, in English. */
import {
  counted,
  decimal,
  duration,
  hundredths,
  integer,
  megabytes,
  rate,
  short,
  significant,
  size,
} from './format.ts';

const tokens = (n: number) => counted(n, { one: 'token', other: 'tokens' });
const rows = (n: number) => counted(n, { one: 'row', other: 'rows' });

export const train = {
  title: 'Train',
  lead: 'Teach a model on your own machine: watch its loss fall and its text take shape, then write with it. Text and weights stay in this browser.',
  parts: {
    setup: 'A new run',
    data: 'What to learn',
    start: 'Where to start',
    recipe: 'Recipe',
    run: 'The run',
    loss: 'Loss',
    gradient: 'Gradient norm',
    sample: 'What it writes',
    batch: 'The first batch',
    runs: 'Runs',
  },

  preset: 'Recipe to begin with',
  ownPreset: 'Choose a recipe …',
  presets: {
    'barry-roberta': 'Barry’s RoBERTa recipe',
    'dllm-warm-up': 'dLLM warm-up',
    'shakespeare-characters': 'Shakespeare characters',
    'stories-to-wikitext': 'Stories → WikiText',
  },
  presetHelp: 'Fills every field below. The Shakespeare recipe wants a text from you.',

  sources: { sample: 'Sample', text: 'Paste', file: 'File', wikitext: 'WikiText' },
  sourcesLabel: 'Where the text comes from',
  sourceHelp: {
    sample: 'Short stories that come with this page. Nothing is downloaded from elsewhere.',
    text: 'Leave an empty line between texts: whole texts are kept back to measure with.',
    file: 'Plain text, Markdown, JSON lines, CSV or Parquet, in UTF-8. Drop it here or choose it.',
    wikitext: 'Articles of Wikipedia (Merity et al., 2016), fetched once from the hub and kept in this browser.',
  },
  paste: 'Text to learn from',
  chooseFile: 'Choose a file …',
  chosen: (name: string, bytes: number) => `${name}, ${megabytes(bytes)}`,
  wikitexts: { 'wikitext-2': 'WikiText-2, about 7 MB', 'wikitext-103': 'WikiText-103, about 313 MB' },
  wikitextLabel: 'Which WikiText',

  inits: { model: 'The model in use', fresh: 'Fresh' },
  initLabel: 'Where the weights come from',
  initHelp: {
    model: (name: string) => `Goes on from ${name}, the model chosen at the top of the page.`,
    fresh: 'Random weights: the model knows nothing, not even letters that belong together.',
  },

  fields: {
    size: ['Size', 'How wide and deep the fresh model is. Small ones learn in minutes and stay simple.'],
    tokenizer: ['Tokens', 'Pieces learnt from your text (byte-pair encoding), or single characters.'],
    vocabulary: [
      'Most pieces',
      'How many different tokens there may be. More make texts shorter and the model larger.',
    ],
    objective: [
      'Objective',
      'What the model is asked to guess, and how each guess counts. The first makes the loss a bound on the likelihood.',
    ],
    schedule: [
      'Mask schedule',
      'How the share of masked tokens depends on time. Times are spread evenly over a batch.',
    ],
    curve: ['Drawn schedule', 'The points of a schedule of your own. Draw it in the Schedule view and copy it here.'],
    weighting: [
      'Weight of a guess',
      'With the schedule’s weight the loss is the bound itself. Uniform weights are steadier and learn well, too.',
    ],
    maskRates: ['Mask rates', 'From how many mask rates one is drawn for each batch. Barry takes ten.'],
    prefix: ['Tokens never masked', 'The first tokens of each row stay visible. They stand for a prompt.'],
    column: ['Column', 'Of a table: the column or field with the text. Empty takes “text”, or the first with words.'],
    rows: ['Rows', 'How texts are cut into rows of equal length. Blocks waste nothing; documents keep texts apart.'],
    padding: ['Padding', 'What follows the end of a short document. Learnt padding teaches the model to stop.'],
    heldOut: [
      'Held-out share',
      'Texts the model never learns from, to measure with. A falling training loss alone proves little.',
    ],
    steps: ['Steps', 'How often the weights are changed. The learning rate falls until the last one.'],
    batch: ['Batch', 'Rows per step. Larger ones are steadier and slower.'],
    length: ['Length', 'Tokens per row. The model sees nothing beyond a row.'],
    accumulation: ['Accumulation', 'Batches whose gradients make one step. It stands in for memory you lack.'],
    lr: ['Learning rate', 'How far a step goes at most. Too high and the loss explodes, too low and nothing happens.'],
    warmup: ['Warm-up', 'The share of the steps in which the rate rises from 0. It keeps the first steps tame.'],
    decay: ['Decay', 'How the rate falls after the warm-up. Falling to nothing lets the weights settle.'],
    weightDecay: [
      'Weight decay',
      'How much matrices shrink at every step. It keeps weights from growing without need.',
    ],
    clip: ['Clip', 'The longest gradient that is followed in full; 0 follows any. It tames single bad batches.'],
    beta1: ['Beta 1', 'How long AdamW remembers the direction. Higher is smoother.'],
    beta2: ['Beta 2', 'How long AdamW remembers the size of gradients. Higher is smoother.'],
    evalEvery: [
      'Measure every',
      'Steps between two measurements on held-out text; 0 never measures. Each costs some passes.',
    ],
    evalTexts: ['Rows to measure on', 'How many held-out rows are measured. More make the number surer and slower.'],
    sampleEvery: ['Write every', 'Steps between two canvases from the same seed; 0 writes none. Each costs 32 passes.'],
    saveEvery: ['Save every', 'Steps between two checkpoints; 0 saves at the end. Pausing always saves.'],
    patience: [
      'Patience',
      'Stops after so many measurements without a new best; 0 goes on to the end. It saves you from overfitting.',
    ],
    seed: ['Seed', 'Decides masks, order and fresh weights. The same seed gives the same curve.'],
  } as const,
  options: {
    size: {
      tiny: 'Tiny (128 wide)',
      small: 'Small (192 wide)',
      medium: 'Medium (256 wide)',
      large: 'Large (384 wide)',
    },
    tokenizer: { bpe: 'Pieces (BPE)', characters: 'Characters' },
    objective: {
      mdlm: 'Masked diffusion (MDLM)',
      'ten-rates': 'Ten rates (Barry)',
      bert: 'Fixed 15 % (BERT)',
      'next-token': 'Next token (autoregressive)',
    },
    weighting: { schedule: 'By the schedule (the bound)', uniform: 'Uniform' },
    rows: { blocks: 'Blocks', lines: 'Blocks without empty lines', documents: 'One text per row' },
    padding: { learnt: 'Learnt', seen: 'Only seen' },
    decay: { cosine: 'Cosine', linear: 'Linear', constant: 'Constant' },
  } as Readonly<Record<string, Readonly<Record<string, string>>>>,
  more: 'All settings',

  start: 'Train',
  pause: 'Pause',
  stop: 'Stop',
  resume: 'Go on',
  newRun: 'Set up another run',
  slow: 'Slow down while this tab is hidden',
  preparing: {
    data: 'Reading the text',
    model: 'Making the model ready',
    tokens: 'Cutting the text into tokens',
    device: 'Starting',
  },
  progress: (stage: string, share: number) => `${stage}: ${integer(Math.round(100 * share))} %`,
  bytes: (stage: string, loaded: number, total: number) => `${stage}: ${megabytes(loaded)} of ${megabytes(total)}`,
  pausing: 'Saving a checkpoint …',
  state: {
    running: (step: number, of: number) => `Step ${integer(step)} of ${integer(of)}`,
    paused: (step: number, of: number) => `Paused at step ${integer(step)} of ${integer(of)}`,
    ended: {
      steps: (step: number) => `Finished after ${integer(step)} steps.`,
      patience: (step: number) => `Ended at step ${integer(step)}: the held-out loss had stopped falling.`,
      stopped: (step: number) => `Stopped at step ${integer(step)}.`,
      'not-finite': (step: number) =>
        `Loss or gradient was no finite number. The checkpoint of step ${integer(step)} is whole: try a lower learning rate.`,
      device: (step: number) => `The device was lost. The run can go on from its checkpoint of step ${integer(step)}.`,
    },
  },
  offer: (name: string, step: number, of: number) =>
    `${name} is not finished: step ${integer(step)} of ${integer(of)} is saved.`,
  facts: {
    parameters: (n: number) => `${short(n)} parameters`,
    device: (backend: string, device: string) =>
      backend === 'webgpu'
        ? `on ${device} (WebGPU)`
        : 'on the processor (WebAssembly), with no graphics card for training',
    split: (learn: number, learnTokens: number, held: number, heldTokens: number) =>
      `Learns from ${rows(learn)} (${tokens(learnTokens)}); keeps back ${rows(held)} (${tokens(heldTokens)}).`,
    cut: 'The file holds more than is read at once; its end is left out.',
  },
  numbers: {
    loss: 'training loss',
    heldOut: 'held out',
    bound: 'perplexity ≤',
    speed: 'tokens per second',
    left: 'time left',
    gradient: 'gradient norm',
    lr: 'learning rate',
    memory: 'memory',
  },
  value: { loss: hundredths, significant, rate, duration, size },
  held: (nelbo: number, error: number) =>
    Number.isFinite(error) ? `${hundredths(nelbo)} ± ${hundredths(error)}` : hundredths(nelbo),
  none: '–',

  plot: {
    step: 'step',
    loss: 'nats per token',
    gradient: 'norm before clipping',
    training: 'training',
    smooth: 'training (smoothed)',
    heldOut: 'held out',
    uniform: (value: number) => `uniform guess, ${hundredths(value)}`,
    unigram: (value: number) => `token frequency, ${hundredths(value)}`,
    words: (step: number, values: readonly (readonly [string, number])[]) =>
      [`step ${integer(step)}`, ...values.map(([name, value]) => `${name} ${hundredths(value)}`)].join(', '),
    label: 'Loss over steps',
    gradientLabel: 'Gradient norm over steps',
    table: 'Loss at each measurement',
    columns: ['Step', 'Training (smoothed)', 'Held out', 'Standard error', 'Perplexity ≤'],
    meaning:
      'A loss of 0 would be certainty. The upper level is a guess that knows nothing, the lower one a guess that only knows how often each token occurs: below it, the model has begun to read.',
    otherObjective:
      'With this objective the training loss is no bound, so it may lie apart from the held-out value, which always is one.',
    waiting: 'The curve begins with the first step.',
  },

  sample: {
    help: 'A page of masks, always filled from the same seed: what changes is the model.',
    slider: 'Step of the sample',
    at: (step: number) => `after step ${integer(step)}`,
    none: 'The first canvas comes before the first step.',
    causal: 'A next-token model fills no masks, so no canvas is shown. Compare has a place for it.',
  },
  batch: {
    help: 'Rows of the first batch as the network sees them. Hatched words are hidden from it and have to be guessed.',
    row: (row: number, masked: number, of: number) =>
      `Row ${integer(row)}: ${integer(masked)} of ${integer(of)} tokens masked`,
  },

  use: 'Use in Generate',
  useHelp: 'Takes the last checkpoint, also while the run goes on.',
  using: 'Taking it over …',
  runs: {
    none: 'No run yet.',
    compare: 'Compare held-out losses',
    compareHelp: 'Values of runs on different texts or tokens say little about each other.',
    rename: 'Name of the run',
    about: (step: number, of: number, date: Date) =>
      `${integer(step)} of ${integer(of)} steps, ${date.toLocaleDateString('en')}`,
    heldOut: (nelbo: number) => `held out ${hundredths(nelbo)}`,
    show: 'Show',
    export: 'Save as folder (zip)',
    import: 'Bring a saved run back …',
    exportHelp:
      'A saved folder is in Hugging Face layout. It also holds what the run needs to go on, its texts included.',
    remove: 'Delete',
    sure: 'Really delete?',
    of: (what: string, name: string) => `${what}: ${name}`,
    shown: 'shown',
  },
  defaultName: (count: number) => `trained-${count}`,
  failed: (message: string, remedy: string) => `${message} ${remedy}`,
  decimal,
};
