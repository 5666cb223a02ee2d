/** Two sentences on every setting and every order, for where the control stands; the figures are in `run/explained.ts`. */
export const explain = {
  about: (name: string) => `About ${name}`,
  more: '?',
  settings: {
    model: [
      'The network that guesses the masks.',
      'Its tokens and its training decide what it can write; everything else here only decides how.',
    ],
    mode: [
      'Continue puts masks after your text; fill in writes only where you typed [MASK].',
      'In both, what you gave is never changed.',
    ],
    prompt: ['The text that is given.', 'The model reads all of it at every step, from both sides of a mask.'],
    length: [
      'How many masks are laid out for the new text.',
      'The model sees that room from the start, so another length gives another text, not just a longer one.',
    ],
    steps: [
      'How many times the model looks at the text before it must be finished.',
      'With fewer steps more tokens are written at once, and tokens of one step cannot see each other.',
    ],
    block: [
      'The new text is cut into blocks of this size, and one is finished before the next begins.',
      'Small blocks come close to reading order and keep the end from being written first; 0 leaves the model all the freedom.',
    ],
    sampler: [
      'At each step the model guesses every mask, and the order decides which guesses are kept.',
      'The bars are how sure it is of twelve slots; the coloured ones would be written now, in the order of their numbers.',
    ],
    schedule: [
      'The share of masks that may be left at each moment, from all to none.',
      'Where the curve is steep many tokens are written in one step; the bars are how many, step by step.',
    ],
    curve: [
      'A schedule of your own, drawn in the Schedule view.',
      'It falls from all masks to none and is used like any other.',
    ],
    temperature: [
      'Divides the model’s scores before a token is drawn: below 1 the likely ones gain, above 1 the unlikely ones do.',
      'It changes which token is drawn, not how sure the model counts as, so a daring draw may have to wait.',
    ],
    topK: [
      'Only the k likeliest tokens may be drawn; the others count as impossible.',
      'It cuts at a number, however sure or unsure the model is.',
    ],
    topP: [
      'Only the likeliest tokens that together reach this probability may be drawn.',
      'Where the model is sure few remain, where it is not many do.',
    ],
    guidance: [
      'The model is asked twice, with your prompt and without, and the difference is exaggerated.',
      'The text keeps closer to the prompt, every step takes twice as long, and too much of it makes the text stiff.',
    ],
    cache: [
      'Parts of an earlier pass are used again instead of being computed at every step.',
      'Coloured rows are computed, the others kept; what they keep is a little out of date, so the text may change.',
    ],
    threshold: [
      'Every slot the model is at least this sure of is written in the same step.',
      'High keeps close to one token at a time, low is fast and careless; the surest slot is always written.',
    ],
    factor: [
      'Allows the slot of rank r when its probability is at least 1 − f / (r + 1).',
      'At 1 the tokens are then also jointly the likeliest choice; higher takes more at once.',
    ],
    gamma: [
      'Slots are taken from the most certain on, as long as their entropies together stay below this bound.',
      'It limits what is lost by writing tokens that cannot see each other.',
    ],
    eta: [
      'How large a share of the written tokens may be masked again at a step.',
      'More gives the model more chances to correct itself, and more steps to need.',
    ],
    tOn: [
      'The text is first written quickly up to this time; from then on the loop corrects it.',
      'An early start corrects an unfinished text.',
    ],
    tOff: [
      'Time at which correcting ends and the remaining masks are written.',
      'The span between the two times is the share of all steps that is spent on correcting.',
    ],
    alphaOn: [
      'The share of the new text that stands while the loop masks some of it and writes it again.',
      'High corrects details, low rewrites much at once.',
    ],
    editThreshold: [
      'A written token gives way when the model is at least this sure of another one in its place.',
      'Low lets the text change a lot, 1 nearly never.',
    ],
    pattern: [
      'Lays the new text out in rows and says which slots come first, whatever the model thinks.',
      'The numbers are the order of the slots, the same at every step.',
    ],
    order: [
      'Your own order of the slots, drawn over the text or typed.',
      'Slots that you leave out come last, in reading order.',
    ],
    width: [
      'How many slots stand in one row of the pattern.',
      'It changes which slots are neighbours below one another.',
    ],
    generations: [
      'After the text is written, living cells of Conway’s game are masked and written again, this many times.',
      'The game knows nothing of the text: it is a rule from outside, to see what the model does with it.',
    ],
    ends: [
      'Models trained on padded answers are surest of the padding, so they often write the end first.',
      'Last lets end tokens come only when everything else is written; never leaves them out.',
    ],
    orderTemperature: [
      'At 0 the best slots are taken; above, slots are drawn, the better the likelier.',
      'A little of it breaks the habit of copying what was just written. The second row is drawn.',
    ],
    stochastic: [
      'Each mask is written with the planned probability, so the number per step is drawn.',
      'That is what the theory says; rounding its mean, the first row, is what most programs do.',
    ],
    exact: [
      'The model may also draw [MASK] itself, and the plan counts as the reference program does.',
      'A slot that draws [MASK] stays one, as two do in the second row, so some may be left at the end.',
    ],
    system: [
      'It stands before the first question and is read at every turn.',
      'Models that were trained with it take it as what they are to be; others read it as any text.',
    ],
    turns: [
      'The whole conversation is written down anew for every answer, and the model reads all of it.',
      'It remembers nothing else, so a turn that is deleted is forgotten.',
    ],
    earlyStop: [
      'A chat model writes its answer, then fills the rest of the canvas with padding, which is cut away.',
      'Once the end stands and nothing before it is open, the run can end: the answer is the same, in fewer passes.',
    ],
    seed: [
      'All chance of a run comes from this number.',
      'The two rows are the same step with two seeds: other slots, and where tokens are drawn other tokens.',
    ],
  },
  samplers: {
    confidence: [
      'Writes the slots whose drawn token is the likeliest.',
      'Simple and usually good, but it likes to copy what it has just written.',
    ],
    random: [
      'Writes slots picked by chance, whatever the model thinks of them.',
      'One at a time this draws from the model’s own distribution; several at once it makes more mistakes.',
    ],
    margin: [
      'Writes where the best token leads the second best by most.',
      'Two good candidates make a slot wait, even when both are likely.',
    ],
    entropy: [
      'Writes where the whole list of alternatives is shortest.',
      'It also looks at the tail, which confidence does not see.',
    ],
    'maskgit-plus': [
      'Surest first as Dream computes it: after temperature, top k and top p have changed the probabilities.',
      'Without those it is the same as surest first.',
    ],
    'topk-margin': [
      'Clearest lead first, as Dream computes it after temperature, top k and top p.',
      'Cutting the tail makes leads look larger.',
    ],
    'dream-entropy': [
      'Lowest entropy first, as Dream computes it after temperature, top k and top p.',
      'A low temperature makes all slots look certain, and their order follows small differences.',
    ],
    'left-to-right': [
      'Writes in reading order, like an autoregressive model.',
      'The model still sees how much room is left, but never uses what could stand further on.',
    ],
    order: [
      'The slots come in a pattern: rows, columns, a checkerboard, from the centre, or drawn by you.',
      'The model only fills in; choosing where is yours.',
    ],
    ancestral: [
      'Each mask is written with the probability the schedule gives this step, by chance alone.',
      'It is the reverse process as the theory has it, and the count per step is random.',
    ],
    origin: [
      'Each mask is written with the same chance at evenly spaced times, as Dream’s first sampler does.',
      'It is ancestral sampling with a linear schedule.',
    ],
    'first-hitting': [
      'Draws the time of the next single token instead of asking at every step whether one comes.',
      'Exactly one token per pass, in a random order, without error from large steps.',
    ],
    threshold: [
      'Writes every slot that is sure enough, however many there are.',
      'Easy text goes fast, hard text one token at a time.',
    ],
    factor: [
      'Writes more slots at once the surer they are together.',
      'The bar rises with every further token, so that the tokens also fit each other.',
    ],
    'entropy-bounded': [
      'Takes slots from the most certain on until their uncertainty adds up to the bound.',
      'The bound limits how far the tokens of a step can be from fitting each other.',
    ],
    'iterative-refinement': [
      'Writes all masks at every step and then masks a random part of the new text again.',
      'Nothing is final until the last step, so every token is reconsidered.',
    ],
    'remdm-cap': [
      'Ancestral sampling in which every written token has a small, capped chance of being masked again.',
      'It can correct itself all along.',
    ],
    'remdm-rescale': [
      'Masks written tokens again with a fixed fraction of the largest chance the theory allows.',
      'Most is corrected early, less and less towards the end.',
    ],
    'remdm-conf': [
      'Masks again preferably the tokens that were written with the least confidence.',
      'What was sure when it was written is mostly left alone.',
    ],
    'remdm-loop': [
      'Writes most of the text, then corrects it for a while with the share of masks held still, then finishes.',
      'The correcting phase gets a text that nearly makes sense.',
    ],
    'token-editing': [
      'Writes what is sure enough and replaces a written token when another becomes much likelier.',
      'A token changes in place, without being masked in between.',
    ],
    'game-of-life': [
      'Writes the text first, then masks the living cells of Conway’s game and writes them again.',
      'An order from outside the model, made to be watched.',
    ],
  },
  figure: {
    sampler: 'Bars show how sure the model is of each slot; coloured ones would be written now.',
    bars: 'Bars show the probabilities of the likeliest tokens; coloured ones can be drawn.',
    plan: 'Bars show how many tokens each step writes.',
    slots: 'A row of slots.',
    written: 'just written',
    masked: 'mask',
    again: 'masked again',
    kept: 'written before',
  },
} as const;
