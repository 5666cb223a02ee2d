/** The sentences of steering: branches, two of them side by side, brushes, and behaviour that looks odd. */
import { counted, integer, percent } from './format.ts';

const tokens = (n: number) => counted(n, { one: 'token', other: 'tokens' });
const steps = (n: number) => counted(n, { one: 'step', other: 'steps' });
const masks = (n: number) => counted(n, { one: 'mask', other: 'masks' });
const slots = (n: number) => counted(n, { one: 'slot', other: 'slots' });

export const steering = {
  families: {
    order: 'The plan says how many',
    'one by one': 'Each slot by chance',
    parallel: 'As many as are safe',
    remasking: 'May write again',
  },
  caches: {
    // Numbers: bench/results/caches.json (`npm run caches`), which caches.test.ts compares.
    off: [
      'Off',
      'Every step computes the whole text. A cache gains little in large blocks and changes the text, so it is off at first.',
    ],
    prefix: ['Prefix', 'What stands before the block is computed once per block: at most twice as fast as without.'],
    dual: [
      'Dual',
      'Only the block is computed: in blocks of 16 twice as fast at 64 tokens, 3 times at 256; 4 % of its best guesses are others.',
    ],
  },

  branches: {
    title: 'Branches',
    /** A, B, … Z, A2, B2, …: short enough to speak about in a class. */
    letter: (id: number) => String.fromCharCode(65 + (id % 26)) + (id < 26 ? '' : integer(Math.floor(id / 26) + 1)),
    from: (parent: string, step: number) => `from ${parent}, step ${integer(step)}`,
    ownStart: 'its own start',
    writing: 'writing',
    here: 'Branch here',
    hereHelp: (step: number) =>
      `Keeps the first ${steps(step)} and writes the rest anew, with the settings as they stand. This text stays.`,
    another: 'Another beside',
    anotherHelp: 'Writes a new text with the settings as they stand, and lays it beside this one.',
    rename: 'Rename',
    renameLabel: 'Name of the branch',
    remove: 'Delete this branch',
    removed: 'Branch deleted. Undo brings it back.',
    beside: 'Compare with',
    none: 'nothing',
  },

  sideBySide: {
    title: 'Two branches side by side',
    swap: 'Swap',
    close: 'Close',
    look: 'Work on this one',
    canvas: (name: string) => `Text of branch ${name}`,
    bySlot: (differ: number, both: number) =>
      both === 0
        ? 'No slot is written in both yet.'
        : differ === 0
          ? `All ${tokens(both)} written in both are the same.`
          : `${integer(differ)} of ${tokens(both)} written in both differ.`,
    bySequence: (same: number, left: string, onlyLeft: number, right: string, onlyRight: number) =>
      `${tokens(same)} in common, in the same order; ${integer(onlyLeft)} only in ${left}, ${integer(onlyRight)} only in ${right}.`,
    shared: (n: number) => (n === 0 ? 'They share no step.' : `They share the first ${steps(n)}.`),
    mark: 'differs',
  },

  tools: {
    title: 'What pressing on a word does',
    point: 'Point',
    mask: 'Mask brush',
    keep: 'Keep brush',
    order: 'Draw the order',
    hint: {
      point: '',
      mask: 'Press and drag over words to mask them. With keys: arrows, Shift to extend, Space to mask.',
      keep: 'Press and drag over words to keep them. With keys: arrows, Shift to extend, Space to keep.',
      order: 'Press and drag over slots in the order they shall be written. With keys: Space adds a slot.',
    },
    putDown: 'Put down',
    drawn: (n: number) => `${slots(n)} in your order.`,
    startOver: 'Start over',
    span: (from: number, to: number) => `Slots ${integer(from + 1)} to ${integer(to + 1)}`,
    spanHolds: (written: number, open: number) =>
      open === 0 ? `${tokens(written)}.` : `${tokens(written)} and ${masks(open)}.`,
    spanNone: 'Nothing here is written yet.',
    spanFits: (n: number, room: number) =>
      n === room
        ? `${tokens(n)}: it fits exactly.`
        : `${tokens(n)} for ${slots(room)}; the ${masks(room - n)} left over the model will fill.`,
    spanTooLong: (n: number, room: number) =>
      `This is ${tokens(n)}, but only ${slots(room)} are selected. Make it shorter.`,
  },

  odd: {
    why: 'Why?',
    dismiss: 'Do not tell me again',
    endsFirst: {
      said: (n: number) => `The end came first: ${slots(n)} at the back hold end tokens before the text is written.`,
      why: 'What follows the end of a text is nearly always padding, so the model is surest there, and the surest slots are written first. A smaller block lets it reach the end only when the rest is written.',
    },
    lingers: {
      said: (slot: number, waited: number) =>
        `Slot ${integer(slot + 1)} has waited ${steps(waited)}: every other guess was surer.`,
      why: 'In this order a slot is written when it is among the surest, and here several words still compete. It is left for last, and then written however unsure it is.',
    },
    repeats: {
      said: (phrase: string, times: number) => `It repeats itself: “${phrase}” stands here ${integer(times)} times.`,
      why: 'Copying a neighbour is what the model is surest of, and an order that takes the surest slot each time feeds on its own copies. A random order, or a little order temperature, breaks the circle.',
    },
    short: {
      said: (text: number, all: number) => `A short answer in a long canvas: ${tokens(text)} of text in ${slots(all)}.`,
      why: 'The model decides by itself where the text ends and fills the rest with end tokens. The length is only the room it gets; it learned on texts that end long before their room does.',
    },
    leftBehind: {
      said: (n: number) => `The run is over, and ${masks(n)} ${n === 1 ? 'is' : 'are'} left.`,
      why: 'The setting “Exactly as dLLM” lets the model draw [MASK] itself, and its plan does not count those slots again. Without that setting every slot is written.',
    },
    tail: {
      said: (word: string, p: number, slot: number) =>
        `Slot ${integer(slot + 1)} drew “${word}” at ${percent(p)}, and so it waits.`,
      why: 'Temperature lets unlikely words be drawn, but the order looks at their probability without temperature. A word from the tail makes its slot look unsure, so others go first and it is drawn again.',
    },
    same: {
      said: (word: string, slot: number) => `Slot ${integer(slot + 1)} was masked again, and “${word}” came back.`,
      why: 'Everything around the slot stayed as it was, and that is what the model reads. To get another word, change a neighbour, take an alternative, or raise the temperature.',
    },
  },
} as const;
