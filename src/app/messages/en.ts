/** Every sentence a person can read in the page, in English. Another language is another object of this type. */

import { bench } from './en-bench.ts';
import { chat } from './en-chat.ts';
import { compare } from './en-compare.ts';
import { explain } from './en-explain.ts';
import { figures } from './en-figures.ts';
import { hood } from './en-hood.ts';
import { models } from './en-models.ts';
import { scheduleView } from './en-schedule.ts';
import { steering } from './en-steering.ts';
import { train } from './en-train.ts';
import { counted, decimal, form, integer, megabytes, percent, short } from './format.ts';

const tokens = (n: number) => counted(n, { one: 'token', other: 'tokens' });
const steps = (n: number) => counted(n, { one: 'step', other: 'steps' });
const masks = (n: number) => counted(n, { one: 'mask', other: 'masks' });
const words = (n: number) => counted(n, { one: 'kept word', other: 'kept words' });
const slots = (n: number) => counted(n, { one: 'slot', other: 'slots' });

export const en = {
  models,
  ...steering,
  explain,
  hood,
  train,
  name: 'Unmask',
  skip: 'Skip to the text',
  views: {
    generate: 'Generate',
    schedule: 'Schedule',
    train: 'Train',
    compare: 'Compare',
    bench: 'Bench',
    hood: 'Under the hood',
  },
  navigation: 'Views',

  header: {
    theme: { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' },
    shortcuts: 'Keyboard shortcuts',
    model: (name: string, parameters: number) => `${name}, ${short(parameters)} parameters`,
    modelWaiting: (name: string) => `${name}, waiting`,
    modelFailed: (name: string) => `${name} did not load`,
    download: (name: string, loaded: number, total: number) => `${name}, ${megabytes(loaded)} of ${megabytes(total)}`,
    upload: (name: string) => `${name}, moving to the device`,
    compile: (name: string) => `${name}, compiling`,
    measure: (name: string) => `${name}, measuring which way is faster`,
    loading: (name: string) => `${name}, starting`,
    device: 'Where the model runs',
    deviceUnknown: 'Device',
    deviceName: (backend: string, device: string) => (device ? `${backend}, ${device}` : backend),
    backends: { webgpu: 'WebGPU', wasm: 'WebAssembly', webgl: 'WebGL', cpu: 'Processor' } as Record<string, string>,
    backendHelp: 'Everything runs on this machine. Nothing you type leaves it.',
    choices: {
      auto: ['Automatic', 'WebGPU on a graphics card; otherwise whichever way is faster.'],
      webgpu: ['WebGPU', 'Our own kernels, even on a software adapter.'],
      fallback: ['Without WebGPU', 'TensorFlow.js on WebAssembly or WebGL.'],
    },
  },

  controls: {
    title: 'Settings',
    open: 'Settings',
    close: 'Close',
    mode: 'Mode',
    modes: { continue: 'Continue', fill: 'Fill in', chat: 'Chat' },
    prompt: { continue: 'Text to go on from', fill: 'Text with gaps', chat: 'Your message' },
    promptHelp: {
      continue: '',
      fill: 'The model writes where [MASK] stands: one token each, with the space before it.',
      chat: '',
    },
    insertMask: 'Mask',
    useExample: 'Use an example',
    fillExample:
      'Once upon a time, there was a[MASK][MASK] who lived in[MASK][MASK][MASK]. One day,[MASK][MASK][MASK][MASK][MASK][MASK], and they were very happy.',
    insertMaskHelp: 'Masks the selected words, or puts one mask at the cursor.',
    noMasks: 'There is no [MASK] in this text yet, so there is nothing to fill in.',
    generate: 'Generate',
    waiting: 'Waiting for the model',
    stop: 'Stop',
    stopping: 'Stopping',
    more: 'More settings',
    changedCount: (n: number) => `${n} changed`,
    reset: 'Reset',
    resetHelp: 'Puts every setting back to its default.',
    copyLink: 'Copy link',
    copied: 'Copied',
    copyFailed: 'The browser did not allow copying.',
    dice: 'Roll a new seed',
    seedIdle: 'At temperature 0 nothing is drawn, so the seed changes nothing.',
    perStep: (perStep: number) =>
      perStep <= 1
        ? 'One token at a time.'
        : `${decimal(perStep)} tokens a step: faster, but they cannot see each other.`,
    linkProblems: 'Part of this link could not be used.',
    otherModel: (asked: string, used: string) =>
      `These settings ask for the model “${asked}”, which is not in this browser. Here runs “${used}”, so the text will differ.`,
    getModel: 'See about it',
  },

  settings: {
    length: ['Length', 'New tokens. A token is a word or a piece of one.'],
    steps: ['Steps', 'Fewer steps write more tokens at once.'],
    sampler: ['Order', 'Which masks are written first.'],
    schedule: ['Schedule', 'How many masks are written at each step.'],
    temperature: ['Temperature', '0 always takes the likeliest token; higher dares more.'],
    seed: ['Seed', 'The same seed and settings give the same text on every machine.'],
    block: ['Block', 'Finishes this many tokens before starting on the next; 0 is the whole text at once.'],
    topK: ['Top k', 'Draws among the k likeliest tokens only; 0 is off.'],
    topP: ['Top p', 'Draws within the smallest set that holds this probability; 1 is off.'],
    guidance: ['Guidance', 'Pushes the text towards the prompt, at the price of a second pass; 0 is off.'],
    threshold: ['Threshold', 'Writes every token at least this sure, and always the surest.'],
    factor: ['Factor', 'Higher writes more tokens at once while they are sure enough.'],
    cache: ['Cache', 'Keeps parts of an earlier pass, so that a step computes less; the text changes a little.'],
    gamma: ['Entropy bound', 'Writes as many tokens at once as stay below this uncertainty together, in nats.'],
    eta: ['Remasking rate', 'How readily written tokens are masked again.'],
    tOn: ['Loop from', 'Time at which correcting begins; 1 is the start of the run.'],
    tOff: ['Loop until', 'Time at which correcting ends; 0 is the end of the run.'],
    alphaOn: ['Written in the loop', 'Share of the text that stands while the loop corrects it.'],
    editThreshold: ['Editing threshold', 'Replaces a token when the model is at least this sure of another.'],
    pattern: ['Pattern', 'The order of the slots, laid out in rows.'],
    order: ['Drawn order', 'Slots of the new text, first to last, as in 0-15,32,47-40.'],
    width: ['Row width', 'Slots per row of the pattern.'],
    generations: ['Generations', 'How often the living cells are masked again.'],
    ends: ['End tokens', 'Whether tokens that end or pad the text may be written.'],
    orderTemperature: ['Order temperature', '0 takes the best slots; higher lets chance choose among them.'],
    stochastic: ['Random counts', 'Draws how many tokens each step writes, instead of rounding.'],
    system: ['System text', 'Read before the whole conversation.'],
    turns: ['Earlier turns', 'What was asked and answered before.'],
    earlyStop: ['Stop at the end', 'Ends the run when the answer has ended and only padding is left.'],
    exact: ['Exactly as dLLM', 'Follows the reference sampler to the letter; masks may be left over.'],
  },

  samplers: {
    confidence: ['Surest first', 'Writes the tokens with the highest probability first.'],
    random: ['Random', 'Writes slots in a random order.'],
    margin: ['Clearest lead first', 'Writes where the best token is furthest ahead of the second.'],
    entropy: ['Lowest entropy first', 'Writes where the fewest tokens compete.'],
    'maskgit-plus': ['Surest first (Dream)', 'Surest after temperature, top k and top p.'],
    'topk-margin': ['Clearest lead first (Dream)', 'The lead after temperature, top k and top p.'],
    'dream-entropy': ['Lowest entropy first (Dream)', 'The entropy after temperature, top k and top p.'],
    order: ['By a pattern', 'Writes rows, a checkerboard, from the centre out, or in the order you draw.'],
    ancestral: ['Ancestral', 'Every mask is written with the same chance at each step.'],
    origin: ['Ancestral (Dream)', 'Every mask is written with the same chance at each step of an even time.'],
    'first-hitting': ['First hitting', 'Draws the moment of every single token: one at a time, in a random order.'],
    'entropy-bounded': ['As much as entropy allows', 'Writes more at once the less uncertain they are together.'],
    'iterative-refinement': [
      'Iterative refinement',
      'Writes everything at every step, and masks a random part of it again.',
    ],
    'remdm-cap': ['Remasking, capped', 'Masks a few written tokens again all along.'],
    'remdm-rescale': ['Remasking, rescaled', 'Masks most tokens again early, and fewer and fewer.'],
    'remdm-conf': ['Remasking the unsure', 'Masks again what the model was least sure of.'],
    'remdm-loop': ['Remasking in a loop', 'Writes most of the text, corrects it for a while, then writes the rest.'],
    'token-editing': ['Token editing', 'Writes what is sure enough, and replaces tokens it changed its mind about.'],
    'game-of-life': [
      'Game of Life',
      'Writes the text, then masks the living cells again, generation after generation.',
    ],
    threshold: ['All above a threshold', 'Writes every token that is sure enough, however many.'],
    factor: ['As many as are safe', 'Writes more at once the surer they are together.'],
    'left-to-right': ['Left to right', 'Writes in reading order, as an autoregressive model does.'],
  },

  patterns: {
    rows: 'Rows',
    columns: 'Columns',
    checkerboard: 'Checkerboard',
    'centre-out': 'From the centre out',
    drawn: 'Drawn',
  },
  ends: { off: 'Freely', late: 'Last', never: 'Never' },

  schedules: {
    linear: ['Linear', 'The same number of tokens at every step.'],
    cosine: ['Cosine', 'Few tokens at first, many at the end.'],
    'cosine-mdlm': ['Cosine (MDLM)', 'Many tokens at first, few at the end: the mirror image of the other cosine.'],
    'cosine-squared': ['Cosine squared', 'Slow at both ends, fast in the middle.'],
    geometric: ['Geometric', 'Most tokens at first, and the rest in the very last step.'],
    'linear-sigma': ['Linear in σ', 'Almost nothing until late, then nearly everything.'],
    square: ['Square', 'More tokens at first, fewer at the end.'],
    'square-root': ['Square root', 'Fewer tokens at first, more at the end.'],
    log: ['Logarithmic', 'A little slower at first than at the end.'],
    clipped: ['Clipped', 'Even steps, and a large last one.'],
    drawn: ['Drawn', 'The curve you drew in the Schedule view.'],
  },

  schedule: {
    title: 'Share still masked, p(t)',
    blockTitle: (block: number, blocks: number) => `Still masked in block ${block + 1} of ${blocks}, p(t)`,
    alt: (name: string, rate: string) => `${name} schedule: the share of masks falls along a curve; now ${rate}.`,
    now: (planned: number) => `planned now: ${percent(planned)}`,
    start: 'start',
    end: 'end',
    notUsed: 'This order decides by itself how many tokens to write.',
  },

  canvas: {
    label: 'Token canvas',
    help: 'Arrow keys move among the tokens, Enter goes to what you can do with one.',
    empty: 'The text will appear here.',
    views: { prose: 'Prose', grid: 'Grid' },
    view: 'View',
    copy: 'Copy text',
    save: 'Save this run as a file',
    open: 'Open a saved run',
    undo: 'Undo',
    redo: 'Redo',
    mask: 'mask',
    maskedAgain: 'masked again',
    given: 'prompt',
    pinned: 'kept by you',
    newline: 'line break',
    space: 'space',
    slotLabel: (slot: number, word: string, state: string) => `Slot ${integer(slot + 1)}: ${word}, ${state}`,
    written: (step: number, probability: string) => `written at step ${integer(step)}, ${probability}`,
    textSoFar: 'The text so far',
  },

  sources: {
    recorded: 'Recorded run',
    live: (device: string) => `Live on ${device}`,
    restored: 'Your last run',
    opened: 'Opened from a file',
    changed: 'changed by hand',
    modelLoading: 'The model is loading behind it.',
    modelReady: 'The model is here: press Generate.',
    linked: 'Linked settings: press Generate.',
    pending: 'Go on writes what is masked.',
    preparing: 'Preparing the first step.',
  },

  legend: {
    title: 'How to read the text',
    mask: 'mask',
    now: 'just written',
    unsure: ['unsure', 'below 30%'],
    halfsure: ['less sure', 'below 60%'],
    rewritten: 'rewritten',
    pinned: 'kept by you',
  },

  time: {
    label: 'Time line',
    play: 'Play',
    pause: 'Pause',
    back: 'One step back',
    forward: 'One step forward',
    goOn: 'Go on',
    goOnHelp: (n: number) => `Writes the ${masks(n)} left, from this step on.`,
    rewriteRest: 'Rewrite the rest',
    rewriteRestHelp: (n: number) => `Keeps the prompt and ${words(n)}, and writes everything else anew.`,
    speed: 'Speed',
    speeds: (speed: number) => `${speed} steps/s`,
    measured: 'as measured',
    step: (playhead: number, total: number) => `step ${integer(playhead)} / ${integer(total)}`,
    value: (playhead: number, total: number, share: number) =>
      `step ${integer(playhead)} of ${integer(total)}, ${percent(share)} revealed`,
    passes: (n: number) => form(n, { one: 'pass', other: 'passes' }),
    perPass: 'tokens/pass',
    perSecond: 'tokens/s',
    leastSure: 'least sure',
    masksLeft: (n: number) => form(n, { one: 'mask left', other: 'masks left' }),
    mean: 'mean confidence',
    sureness: 'confidence',
    measuredOn: (device: string) => `Measured on ${device}`,
    least: 'least',
    bars: 'tokens',
    finished: (tokenCount: number, stepCount: number) => `Finished: ${tokens(tokenCount)} in ${steps(stepCount)}.`,
    stopped: (step: number) => `Stopped at step ${integer(step)}.`,
  },

  step: {
    title: (step: number) => `Step ${integer(step)}`,
    before: 'Before the first step',
    start: (n: number) =>
      `${masks(n)} to write. The model will look at the whole text, and guess every one of them at once.`,
    did: (written: number, replaced: number, maskedAgain: number, left: number) => {
      const parts = [
        ...(written > 0 ? [`wrote ${tokens(written)}${written === 1 ? '' : ' at once'}`] : []),
        ...(replaced > 0 ? [`replaced ${tokens(replaced)}`] : []),
        ...(maskedAgain > 0 ? [`masked ${tokens(maskedAgain)} again`] : []),
      ];
      const did = parts.join(', ') || 'looked, and changed nothing';
      const sure = written + replaced > 0 ? ' The bars say how sure it was.' : '';
      return `${did.charAt(0).toUpperCase()}${did.slice(1)}; ${masks(left)} left.${sure}`;
    },
    row: (slot: string, word: string, probability: string) => `Slot ${slot}: ${word}, ${probability}`,
    others: (n: number) => `and ${integer(n)} more`,
  },

  inspector: {
    title: 'About a token',
    slot: (slot: number) => `Slot ${integer(slot + 1)}`,
    close: 'Close',
    none: 'Point at any token to see what else it could have been.',
    given: 'This is part of your prompt. The model reads it and leaves it alone.',
    yours: 'You wrote or kept this one. The model leaves it alone.',
    masked: 'Still masked',
    notAsked: 'The model has not been asked about this slot yet.',
    writtenAt: 'written at step',
    probability: 'probability',
    entropy: 'entropy',
    nats: (value: string) => `${value} nats`,
    askedAt: 'asked at step',
    could: 'It could have been',
    thinks: 'The model leans to',
    use: (word: string) => `Use “${word}” here`,
    guesses: 'Its best guess, step by step',
    guessesAlt: (from: string, to: string) => `Probability of the best guess, from ${from} to ${to}.`,
    changedMind: (word: string, step: number) => `“${word}” from step ${integer(step)}`,
    keep: 'Keep',
    release: 'Let go',
    maskAgain: 'Mask again',
    edit: 'Edit',
    branch: 'Branch here',
    branchHelp: (step: number) =>
      `Goes back to before step ${integer(step)} and writes on from there, with words you kept.`,
    editLabel: 'What should stand here',
    editUse: 'Write it',
    editCancel: 'Cancel',
    editFits: 'One token: it fits this slot.',
    editSeveral: (n: number, replaced: string) =>
      `This is ${tokens(n)}. It will take ${slots(n)} and replace “${replaced}”.`,
    editTooLong: (n: number, room: number) =>
      `This is ${tokens(n)}, but only ${slots(room)} are left on the canvas. Make it shorter.`,
    editPrompt: 'It would run into your prompt. Make it shorter.',
    entropyHelp: 'How open the choice is: 0 is certain, and more tokens compete as it grows.',
    why: 'The model looks at the whole text at once, so a word can wait until its neighbours are known.',
  },

  errors: {
    otherModel: (made: string, loaded: string) =>
      `This run was made by the model “${made}”; the one loaded here is “${loaded}”.`,
    otherModelRemedy: 'It can be played and inspected; to write on, start a new run.',
    retry: 'Try again',
    dismiss: 'Dismiss',
    useFallback: 'Try without WebGPU',
  },

  figures,
  scheduleView,
  chat,
  compare,
  bench,

  shortcuts: {
    title: 'Keyboard',
    singleKeys: 'Use shortcuts of a single key',
    groups: [
      [
        'Anywhere',
        [
          ['⌘ ⏎', 'Generate'],
          ['Esc', 'Stop, or leave the token'],
          ['⌘ Z', 'Undo'],
          ['⇧ ⌘ Z', 'Redo'],
          ['Space', 'Play or pause'],
          [', .', 'One step back or forward'],
          ['G', 'Go on from this step'],
          ['B', 'Branch from this step'],
          ['[ ]', 'Previous or next branch'],
          ['C', 'Lay a branch beside, or take it away'],
          ['M P', 'Take the mask brush, or the keep brush'],
          ['V', 'Prose or grid'],
          ['?', 'This list'],
        ],
      ],
      [
        'In the text',
        [
          ['← → ↑ ↓', 'Move among the tokens'],
          ['Home End', 'First or last token'],
          ['⇧ ← → ↑ ↓', 'Select several'],
          ['Space', 'Use the brush in hand'],
          ['Enter', 'What you can do with it'],
          ['K', 'Keep, or let go'],
          ['Delete', 'Mask again'],
          ['E', 'Edit'],
          ['1 … 8', 'Use an alternative'],
        ],
      ],
      [
        'On the time line',
        [
          ['← →', 'One step'],
          ['Page ↑ ↓', 'Ten steps'],
          ['Home End', 'Start or end'],
        ],
      ],
    ] as readonly (readonly [string, readonly (readonly [string, string])[]])[],
  },
} as const;

type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widen<T[K]> };

export type Messages = Widen<typeof en>;
