/** What the Compare view says. */
import { counted, hundredths, integer, size } from './format.ts';

const texts = (n: number) => counted(n, { one: 'text', other: 'texts' });
const tokens = (n: number) => counted(n, { one: 'token', other: 'tokens' });

const seconds = (milliseconds: number) =>
  milliseconds < 1000 ? `${integer(Math.round(milliseconds))} ms` : `${hundredths(milliseconds / 1000)} s`;

export const compare = {
  title: 'Compare',
  tabs: { label: 'What to compare', race: 'Race', samplers: 'Samplers', frontier: 'Frontier' },
  prompt: 'Text to go on from',
  stale: 'The settings have changed since this was measured.',
  openInGenerate: 'Open in Generate',
  elapsed: 'Elapsed time',
  step: 'Step',
  times: (factor: number) => `× ${factor}`,
  seconds,
  stepsMade: (n: number) => `step ${integer(n)}`,
  sameDevice: (device: string) => `Both models run on ${device}.`,

  race: {
    start: 'Race',
    all: 'All four widths',
    allHelp: 'Measures 1, 2, 4 and 8 tokens per pass, one after the other.',
    width: 'Tokens per pass',
    widthHelp: 'For the diffusion side: more at once is faster, but tokens of one pass cannot see each other.',
    append: 'append',
    set: 'set',
    appendHelp: 'The autoregressive twin: one token after the other, left to right, with its keys and values kept.',
    setHelp: (width: number) => `The masked-diffusion model: anywhere on the page, about ${tokens(width)} a pass.`,
    setRow: (width: number) => `set, ${integer(width)} a pass`,
    empty: 'The text will appear here.',
    finished: 'finished',
    said: (append: number, set: number) => `Finished: append took ${seconds(append)}, set ${seconds(set)}.`,
    alone:
      'The two models have the same size, tokenizer and training stories. Each is measured alone, one after the other, because two at once would slow each other down; then both are shown on one clock, which is the sum of the measured times of their passes. Loading and warming up are not counted.',
    results: 'Results of the race',
    caption: 'Measured with these settings so far',
    columns: [
      ['', ''],
      ['time', 'Sum of the measured times of all passes'],
      ['passes', 'Forward passes of the network'],
      ['tokens/pass', 'New tokens over forward passes'],
      ['tokens/s', 'New tokens over time'],
      ['perplexity', 'How unlikely the text is to the autoregressive twin, which judges both; low is likely'],
      ['entropy', 'Of the token frequencies, in nats: low when few words are used again and again'],
      ['repeated', 'Share of trigrams that stood before in the same text'],
    ] as readonly (readonly [string, string])[],
    stepTable: 'Every step with its measured time',
    stepColumns: ['step', 'tokens', 'ms', 'finished at, ms'] as readonly string[],
  },

  gpt2: {
    against: 'Who appends',
    opponents: { twin: 'stories-ar', gpt2: 'GPT-2 (hub)' },
    title: 'GPT-2 from the hub',
    reading: 'Looking whether GPT-2 is here.',
    absent:
      'GPT-2 is not in this browser yet. Ask the hub how large it is; nothing is downloaded before you say so. Without a connection, race against stories‑ar, which comes with the page.',
    repository: 'Repository',
    ask: 'Ask the hub',
    found: (id: string) => `${id} on the hub:`,
    format: 'Number format',
    formats: {
      fp32: 'f32, as trained',
      fp16: 'f16',
      q8: '8 bits',
      q4: '4 bits',
      q4f16: '4 bits and f16',
    },
    choice: (format: string, bytes: number) => `${format}, ${size(bytes)}`,
    download: (bytes: number) => `Download ${size(bytes)}`,
    begun: (id: string, have: number, bytes: number) => `${size(have)} of ${size(bytes)} of ${id} are here.`,
    here: (id: string, format: string, bytes: number) =>
      `${id}, ${format}, ${size(bytes)}, is in this browser and runs without a connection.`,
    fetching: 'Downloading GPT-2',
    barry: 'Barry’s settings',
    barryHelp:
      'From Nathan Barry’s comparison of RoBERTa with GPT-2: 256 tokens after 16 given ones, ten passes of iterative refinement, top-k 50, top-p 0.95, temperature 0.8.',
    barryPrompt: 'The city lies on both sides of a wide river, and every spring the water',
    appendHelp:
      'GPT-2 through transformers.js: one token after the other, left to right, with its keys and values kept.',
    noModel: 'The masked-diffusion model',
    setHelp: (model: string, width: number) => `${model}: anywhere on the page, about ${tokens(width)} a pass.`,
    otherModel: 'Another model',
    devices: (set: string, append: string) =>
      `The masked model runs on ${set}${append && `; GPT-2 runs in ONNX Runtime on ${append}`}.`,
    unlike:
      'These two differ in their training data, size and tokenizer, and each runs in a program of its own: so this says what you wait for here, not which way of writing is better. A token of one is not a token of the other; characters per second can be compared. Barry set RoBERTa against GPT-2. Unmask runs ModernBERT, a younger model of that kind, which takes RoBERTa’s place once you load it under “Another model”; iterative refinement suits models trained to correct words that they see. Each is measured alone, one after the other, then both are shown on one clock, which is the sum of the measured times of their passes. Loading and warming up are not counted.',
    row: 'append, GPT-2',
    charactersPerSecond: 'characters/s',
    columns: [
      ['', ''],
      ['time', 'Sum of the measured times of all passes'],
      ['passes', 'Forward passes of the network'],
      ['tokens/pass', 'New tokens over forward passes'],
      ['tokens/s', 'New tokens over time; each model counts its own tokens'],
      ['characters/s', 'Characters of the new text over time'],
    ] as readonly (readonly [string, string])[],
  },

  samplers: {
    start: 'Write all',
    add: 'Add a column',
    remove: (name: string) => `Remove ${name}`,
    column: (n: number) => `column ${integer(n)}`,
    axis: 'Aligned by',
    axes: { steps: 'Steps', milliseconds: 'Time' },
    repeated: 'repeated',
    help: 'The same prompt and the same seed, so the same noise, for every column. A box marks a word that differs from the first column at the same moment.',
  },

  frontier: {
    lead: 'How good is the text when there are only so many passes? Each point is the same set of prompts, written with one sampler and one number of passes.',
    shown: 'Which numbers',
    sources: { measured: 'Measured by us', here: 'Computed here' },
    measuredBy: (facts: {
      measured: string;
      length: number;
      texts: number;
      prompts: number;
      temperature: number;
      topP: number;
      device: string;
    }) =>
      `Measured by us on ${facts.measured}, ${facts.device}: ${texts(facts.texts)} of ${tokens(facts.length)} per point, ${counted(facts.prompts, { one: 'prompt', other: 'prompts' })}, temperature ${facts.temperature}, top-p ${facts.topP}.`,
    computedHere: (device: string) =>
      `Computed in this browser${device ? `, ${device}` : ''}. It is kept here and goes on where it was stopped.`,
    notYet: 'Nothing has been computed here with these settings yet.',
    nothing: 'No points yet.',
    prompts: 'Prompts',
    promptsHelp: 'How many of the twenty openings are written on. Error bars need at least two.',
    series: (n: number) => counted(n, { one: 'sampler', other: 'samplers' }),
    start: (n: number) => `Compute ${texts(n)} here`,
    goOn: (n: number) => `Go on, ${texts(n)} left`,
    complete: (n: number) => `All ${texts(n)} are here`,
    forget: 'Start over',
    progress: (done: number, total: number) => `${integer(done)} of ${texts(total)}.`,
    left: (milliseconds: number) =>
      milliseconds < 90_000
        ? `About ${counted(Math.ceil(milliseconds / 1000), { one: 'second', other: 'seconds' })} left.`
        : `About ${counted(Math.round(milliseconds / 60_000), { one: 'minute', other: 'minutes' })} left.`,
    reference: 'The judge’s own texts',
    toggle: 'Switches these points off or on',
    seeTexts: 'Lists the texts',
    axis: 'forward passes',
    figures: 'Quality against forward passes',
    passes: (n: string) => `${n} passes`,
    knob: (name: string, value: number) => `${name} ${value}`,
    inBlocks: (name: string, block: number) => `${name}, blocks of ${integer(block)}`,
    between: (value: string, low: string, high: string) => `${value} (${low} to ${high})`,
    measures: {
      perplexity: 'perplexity',
      entropy: 'entropy',
      repetition: 'repetition',
      distinct: 'distinct bigrams',
    },
    help: {
      perplexity: 'under the autoregressive twin: low is likely, and repeating is likely too.',
      entropy: 'of the token frequencies of a text, nats: low when it uses few words.',
      repetition: 'share of trigrams that stood before in the same text.',
      distinct: 'different bigrams over all bigrams of the set: low when the texts are alike.',
    },
    tableColumns: [
      'sampler',
      'knob',
      'passes',
      'texts',
      'perplexity',
      'entropy',
      'repeated 2 · 3 · 4-grams',
      'distinct 1 · 2 · 3-grams',
      'tokens',
    ] as readonly string[],
    reading:
      'Read the four together. An order that takes the surest token first lowers the perplexity partly by saying the same again: then entropy and distinct bigrams fall, and repetition rises. Bars are one standard error over prompts. The dashed line is the autoregressive twin’s own texts with the same prompts and temperature: it judges itself there, so its perplexity is low by construction. Text written by people cannot be shipped with this page, so it is not a line here. Iterative refinement asks the model about words it can see, and this model has learnt to answer for masks only: its words are chance. A name in the key switches its points off.',
    textsOf: (name: string, passes: string) => `${name}, ${passes} passes`,
    textFacts: (seed: number, perplexity: string) => `Seed ${integer(seed)}, perplexity ${perplexity}. `,
  },
} as const;
