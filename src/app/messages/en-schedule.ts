/** The sentences of the Schedule view. */
import { counted, integer } from './format.ts';

const tokens = (n: number) => counted(n, { one: 'token', other: 'tokens' });
const steps = (n: number) => counted(n, { one: 'step', other: 'steps' });
const masks = (n: number) => counted(n, { one: 'mask', other: 'masks' });

export const scheduleView = {
  title: 'Schedules',
  lead: 'A masking schedule says how much of a text is hidden at time t: nothing at t = 0, everything at t = 1. Training hides that much and asks for it back; writing runs the same way backwards.',

  axes: {
    time: 'time t',
    rate: 'mask rate p(t)',
    weight: 'loss weight w(t)',
    huge: 'over 10,000',
  },

  sentence: {
    title: 'Hide a sentence',
    lead: 'At time t each token is masked with chance p(t), on its own. Every token has drawn one number and is masked while p(t) is above it, so the slider hides and uncovers them one by one.',
    text: 'Your sentence',
    corrupted: 'The sentence at this time',
    empty: 'Write a sentence to hide.',
    waiting: 'The tokenizer comes with the model, which is loading.',
    time: 'Time t',
    timeValue: (t: string, rate: string) => `t = ${t}, expected mask rate ${rate}`,
    expected: 'expected',
    actual: 'actual',
    masks: 'masked',
    of: (n: string, total: string) => `${n} of ${total}`,
    draw: 'The seed decides which tokens go first; another seed is another draw.',
    ask: 'What would the model put there?',
    askHelp:
      'Its likeliest token for every mask, all guessed at once from what is visible. Dotted lines are below 30%, thin ones below 60%.',
    guessed: (guess: string, probability: string, truth: string) => `${guess}, ${probability}; it was “${truth}”`,
    table: 'The tokens of the sentence',
    slot: 'slot',
    token: 'token',
    state: 'state',
    visible: 'visible',
    guess: 'guess',
    probability: 'probability',
  },

  curves: {
    title: 'Eleven schedules',
    lead: (n: number, s: number) =>
      `The thick line is the mask rate p(t), the dashed one the loss weight w(t) = p′(t)/p(t) on a logarithmic scale, the bars how many of ${tokens(n)} each of ${steps(s)} writes, from t = 1 down to 0. Press one to use it, here and in Generate.`,
    pick: 'Schedule',
    chosen: 'This is the one in use.',
    byHand: 'drawn by hand',
    choose: (name: string, formula: string, t: string, rate: string) =>
      `${name}, p(t) = ${formula}. At t = ${t} it masks ${rate}.`,
    which: 'What is drawn',
    shown: { rate: 'Mask rate', weight: 'Loss weight' },
    plot: (what: string) => `${what} of all schedules over time`,
    value: (t: string, all: string) => `At t = ${t}: ${all}`,
    at: (t: string) => `At t = ${t}`,
    schedule: 'schedule',
    planTable: 'The plans as a table',
    planCaption: (n: number, s: number) => `How many of ${tokens(n)} each of ${steps(s)} writes`,
  },

  draw: {
    title: 'Draw your own',
    lead: 'Draw a line across the sheet, or drag the points. It may never fall, because a token that is masked at one time stays masked at every later one; where your hand falls, it is levelled out. Between the points runs a smooth curve that never falls either.',
    pad: 'A schedule to draw, mask rate over time',
    point: (n: number, total: number) => `Point ${integer(n)} of ${integer(total)}`,
    pointValue: (t: string, rate: string) => `t = ${t}, mask rate ${rate}`,
    plan: (counts: string) => `Tokens written at each step: ${counts}`,
    planNote: (n: number, s: number) => `What it writes: ${tokens(n)} in ${steps(s)}.`,
    add: 'Add a point',
    undo: 'Undo drawing',
    use: 'Use this curve',
    used: 'This curve is in use. Its points stand in the address, so the link holds it. With the keyboard: Tab to a point, arrow keys move it, Shift makes it faster, Delete removes it.',
    notUsed: 'Another schedule is in use; drawing here takes over.',
    numbers: 'The points as a table',
    number: 'point',
    field: { t: (n: number) => `t of point ${integer(n)}`, p: (n: number) => `p of point ${integer(n)}` },
    remove: 'Remove',
    removePoint: (n: number) => `Remove point ${integer(n)}`,
    noNumber: 'this is not a number',
    problem: (problem: string) => `Not used: ${problem}.`,
  },

  mirror: {
    title: 'Two cosines',
    lead: 'Two families of papers have a schedule called cosine, and they are mirror images. MaskGIT and dLLM mask with sin(πt/2), MDLM and BD3-LM with 1 − cos(πt/2). Half-way through time the first still masks 71%, the second 29%.',
    write: 'Write with both',
    setup: (prompt: string, n: number, s: number) =>
      `“${prompt}”, the prompt and seed of Generate; ${tokens(n)} in ${steps(s)}, surest first, one block.`,
    time: 'Time, for both',
    step: (step: number, of: number) => `step ${integer(step)} of ${integer(of)}`,
    plan: (name: string, counts: string) => `Reveal plan of ${name}: ${counts}`,
    planned: (rate: string, left: number) => `p(t) = ${rate} here; ${masks(left)} left`,
    text: (name: string) => `The text written with ${name}`,
    empty: 'Press “Write with both” to see the two runs.',
    why: {
      cosine:
        'Few tokens at first: each early choice is made alone, and the many at the end have a whole text to lean on.',
      'cosine-mdlm':
        'Many tokens at first: they are guessed at once, without seeing each other; the last few come one by one.',
    },
    stepColumn: 'step',
    wrote: (name: string) => `${name}: writes`,
    left: (name: string) => `${name}: left`,
  },

  nelbo: {
    title: 'One value, many variances',
    lead: 'How likely does the model find a text? Exactly is out of reach, but an upper bound on −log p(text) is not: the NELBO. Mask the text at a random time, add up the cross-entropy of what is masked, weigh it by p′/p, and average.',
    formula: 'NELBO = ∫ p′(t)/p(t) · CE(p(t)) dt = ∫ 1/m · CE(m) dm',
    formulaSays:
      'CE(m) is the expected cross-entropy at mask rate m. With m = p(t), dm = p′(t) dt, and the schedule drops out: every schedule measures the same number. It only decides where along m the samples fall, and so how much they scatter.',
    table: 'Estimates of the NELBO, nats per token',
    estimator: 'masks drawn by',
    figure: 'mean and standard error',
    independent: 'independent times, nats per token',
    spread: 'low-discrepancy times, nats per token',
    variance: 'variance of a sample, nats²',
    saved: 'batch variance, low-discrepancy ÷ independent',
    rates: 'mask rates visited',
    count: 'Exact count',
    committed: (samples: number, size: number, n: number, device: string, command: string) =>
      `Measured beforehand on the shipped model and sentence: ${integer(samples)} samples a cell in batches of ${integer(size)}, ${tokens(n)}, ${device}. ± is one standard error. Made by: ${command}`,
    live: (text: string, n: number, device: string) =>
      `Measured here, on ${device}: “${text.length > 80 ? `${text.slice(0, 80)}…` : text}”, ${tokens(n)}. ± is one standard error.`,
    measure: 'Measure on your sentence',
    amount: 'Samples a cell',
    back: 'Show the numbers measured beforehand',
    progress: (done: number, total: number) => `Batch ${integer(done)} of ${integer(total)}`,
    reading:
      'Read down the columns: the means agree within a few of their errors, the variances do not. They are least where p(t) moves evenly through the mask rates. Where it dwells and then rushes (square, MDLM’s cosine, linear in σ), a few samples carry most of the sum. Exactly k masks of L, with k even over 1 … L, need no schedule at all.',
    tails:
      'Near t = 0 a sample seldom has a mask, and then weighs up to 1,000 times its cross-entropy. One such sample moves a whole row, so the errors of linear, cosine, logarithmic, square root and linear in σ are themselves uncertain.',
    partial:
      'Two rows measure something else, and are set in grey: geometric never masks more than 63%, so it misses the loss above; clipped stays between 30% and 80% and lets that stand for the whole. Times start at 0.001, so square root and linear in σ miss the lowest rates too.',
  },

  times: {
    title: 'Evenly spread times',
    lead: (size: number) =>
      `A batch of ${integer(size)} independent times leaves gaps and clumps. Low-discrepancy times share one random offset and are otherwise evenly spaced: tᵢ = (u + i)/${integer(size)}. Taken together they are as uniform as before, so the mean stays what it was.`,
    plot: 'Times of five batches, independent and low-discrepancy',
    axis: 'time t',
    batches: 'five batches of each',
    batch: 'batch',
    kinds: { independent: 'independent', 'low-discrepancy': 'low-discrepancy' },
    point: (kind: string, batch: number, t: string) => `${kind}, batch ${integer(batch)}: t = ${t}`,
    variance: (size: number, schedule: string, independent: string, spread: string) =>
      `On the measure above, with the schedule ${schedule.toLowerCase()}, the mean of a batch of ${integer(size)} has variance ${independent} nats² with independent times and ${spread} nats² with low-discrepancy ones. Even times take away what comes from where the times fall; what is left comes from which tokens are masked.`,
  },
} as const;
