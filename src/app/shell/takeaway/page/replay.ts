/**
 * Replays a recorded run in a file of its own: this script, a style sheet and the run are all there is, and nothing is
 * asked of any network. What a slot looks like at a moment is computed by the code that the page itself draws with
 * (`frame.ts`, `inspect.ts`, `words.ts`). The run was written into the file by this program, so it is taken as it is.
 */
import { isOpen, Slot } from '../../../../diffusion/canvas.ts';
import { writtenIn } from '../../../../diffusion/ops.ts';
import { type Line, logProbsOf } from '../../../../diffusion/replay.ts';
import type { Edit, Step, Trace } from '../../../../diffusion/trace.ts';
import { frameAt, Look, slotBeside } from '../../../trace/frame.ts';
import { inspect as inspection } from '../../../trace/inspect.ts';
import { boundsOf, slotClasses, slotTexts, wordIn, wordOf } from '../../../trace/words.ts';
import type { replayWords } from './words.ts';

type Words = ReturnType<typeof replayWords>;
/** As `trace-encode.ts` writes it, lists where a Trace has typed arrays. */
interface File {
  readonly current: number;
  readonly maskId?: number;
  readonly pieces: Trace['pieces'];
  readonly branches: readonly {
    readonly id: number;
    readonly parent?: number;
    readonly step: number;
    readonly start?: Trace['start'];
    readonly steps: readonly Step[];
    readonly edits: readonly Edit[];
  }[];
}

type Recorded = Line & Pick<Trace, 'pieces'>;

const at = <E extends Element = HTMLElement>(id: string) => document.getElementById(id) as unknown as E;
const words: Words = JSON.parse(at('words').textContent ?? '');
const fill = (text: string, values: Readonly<Record<string, string>>) =>
  text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
const number = new Intl.NumberFormat(words.language);
const twoDigits = new Intl.NumberFormat(words.language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const wholePercent = new Intl.NumberFormat(words.language, { style: 'percent' });
const finePercent = new Intl.NumberFormat(words.language, { style: 'percent', maximumFractionDigits: 1 });

function percent(p: number): string {
  if (p > 0 && p < 0.001) return `<${finePercent.format(0.001)}`;
  if (p < 1 && p > 0.995) return `>${wholePercent.format(0.99)}`;
  return (p < 0.01 ? finePercent : wholePercent).format(p);
}

/** A branch stores what it does not share with its parent. */
function branchesOf(file: File): Map<number, Recorded> {
  const traces = new Map<number, Recorded>();
  for (const { id, parent, step, start, steps, edits } of file.branches) {
    const from = parent === undefined ? undefined : traces.get(parent);
    traces.set(id, {
      start: start ? canvasOf(start) : (from as Recorded).start,
      steps: [...(from?.steps.slice(0, step) ?? []), ...steps],
      edits: [...(from?.edits.filter(({ before }) => before < step) ?? []), ...edits],
      maskId: file.maskId,
      pieces: file.pieces,
    });
  }
  return traces;
}

function canvasOf({ ids, states, order }: Trace['start']): Trace['start'] {
  const named = order && { slots: Int32Array.from(order.slots), next: order.next };
  return { ids: Int32Array.from(ids), states: Uint8Array.from(states), ...(named && { order: named }) };
}

async function unpack(): Promise<File> {
  const packed = Uint8Array.from(atob((at('run').textContent ?? '').trim()), (sign) => sign.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(unpacked).text());
}

function replay(file: File): void {
  const traces = branchesOf(file);
  let trace = traces.get(file.current) as Recorded;
  let frame = frameAt(trace, 0);
  let selected = -1;
  let playing = false;
  let due: ReturnType<typeof setTimeout> | undefined;
  const elements = new Map<number, HTMLElement>();
  const canvas = at('canvas');
  const seek = at<HTMLInputElement>('seek');
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;

  function build(): void {
    elements.clear();
    canvas.replaceChildren();
    seek.max = String(trace.steps.length);
    drawBars();
  }

  function elementOf(slot: number): HTMLElement {
    const known = elements.get(slot);
    if (known) return known;
    const element = document.createElement('span');
    element.dataset['slot'] = String(slot);
    element.role = 'option';
    element.tabIndex = -1;
    elements.set(slot, element);
    return element;
  }

  /** The elements in the order of the frame, each between its space and its line breaks. */
  function arrange(): void {
    const shown = [...canvas.children].map((element) => Number((element as HTMLElement).dataset['slot']));
    const { order } = frame;
    if (shown.length === order.length && order.every((slot, place) => slot === shown[place])) return;
    const focused = document.activeElement;
    canvas.replaceChildren(...Array.from(order, (slot) => [new Text(), elementOf(slot), new Text()]).flat());
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
  }

  function paint(): void {
    arrange();
    const texts = slotTexts(frame, trace.pieces);
    const bounds = boundsOf(frame, trace.pieces);
    const tabbable = frame.order.includes(selected) ? selected : (frame.order[0] ?? -1);
    for (const slot of frame.order) {
      const element = elementOf(slot);
      const look = frame.looks[slot] as number;
      const open = (look & Look.Open) !== 0;
      const text = texts[slot] as string;
      const { lead, body, trail } = wordOf(text);
      (element.previousSibling as Text).data = lead;
      (element.nextSibling as Text).data = trail;
      element.textContent = open ? '' : body;
      if (open) element.dataset['room'] = body;
      else delete element.dataset['room'];
      const bound = bounds.get(slot);
      if (bound) element.dataset['bound'] = bound;
      else delete element.dataset['bound'];
      const name = slotClasses(look, text);
      if (element.className !== name) element.className = name;
      element.ariaLabel = labelOf(slot);
      element.ariaSelected = String(slot === selected);
      element.tabIndex = slot === tabbable ? 0 : -1;
    }
    const { playhead } = frame;
    const last = trace.steps.length;
    seek.value = String(playhead);
    const written = fill(words.step, { playhead: number.format(playhead), total: number.format(last) });
    at('step').textContent = written;
    seek.ariaValueText = written;
    at<HTMLButtonElement>('back').disabled = playhead === 0;
    at<HTMLButtonElement>('forward').disabled = playhead === last;
    at('now').setAttribute('x', String(playhead - 1));
    at('now').setAttribute('visibility', playhead > 0 ? 'visible' : 'hidden');
    at('played').setAttribute('width', String(playhead));
    inspect(selected);
  }

  const signs: Readonly<Record<string, string>> = { newline: words.newline, space: words.space };

  function wordAt(slot: number): string {
    if ((frame.looks[slot] as number) & Look.Open) return words.mask;
    const { body, sign } = wordIn(frame, slot, frame.ids[slot] as number, trace.pieces);
    return (sign && signs[sign]) ?? body;
  }

  function labelOf(slot: number): string {
    const look = frame.looks[slot] as number;
    const wrote = frame.writtenAt[slot] as number;
    const probability = percent(frame.probability[slot] as number);
    const state =
      look & Look.Removed
        ? words.removed
        : look & Look.Given
          ? words.given
          : look & Look.Pinned
            ? words.pinned
            : look & Look.Open
              ? look & Look.Rewritten
                ? words.maskedAgain
                : ''
              : fill(words.written, { step: number.format(wrote + 1), probability });
    return fill(words.slot, { slot: number.format(frame.order.indexOf(slot) + 1), word: wordAt(slot), state });
  }

  /** The bars: one per step, as high as the number of words it wrote, in a drawing that is stretched to the page. */
  function drawBars(): void {
    const counts = trace.steps.map((step) => writtenIn(step).length);
    const highest = Math.max(1, ...counts);
    const path = counts.map((count, step) => `M${step + 0.1} 100v${-(count / highest) * 62}h.8V100z`);
    at('bars').setAttribute('viewBox', `0 0 ${Math.max(1, counts.length)} 100`);
    at('bar-shape').setAttribute('d', path.join(''));
    const means = trace.steps.map((step, index) => {
      const sure = logProbsOf(step)
        .map((logProb) => Math.exp(logProb))
        .filter((p) => !Number.isNaN(p));
      return sure.length ? `${index + 0.5},${100 - (100 * sure.reduce((sum, p) => sum + p, 0)) / sure.length}` : '';
    });
    at('mean').setAttribute('points', means.filter(Boolean).join(' '));
    at('all').setAttribute('width', String(counts.length));
  }

  function make(tag: string, text?: string, name?: string): HTMLElement {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  }

  /** What is known about one slot: the same as the program's inspector says. */
  function inspect(slot: number): void {
    const panel = at('inspector');
    const found = inspection(trace, frame, slot);
    at('hint').hidden = found !== undefined;
    panel.hidden = found === undefined;
    if (!found) return;
    const { open, state, writtenAt, probability, entropy, asked, alternatives } = found;
    const facts: [string, string][] = [];
    if (writtenAt >= 0) facts.push([words.writtenAt, number.format(writtenAt + 1)]);
    else if (open && asked >= 0) facts.push([words.askedAt, number.format(asked + 1)]);
    if (!Number.isNaN(probability)) facts.push([words.probability, percent(probability)]);
    if (!Number.isNaN(entropy)) facts.push([words.entropy, fill(words.nats, { value: twoDigits.format(entropy) })]);
    const list = make('dl');
    for (const [name, value] of facts) {
      const line = make('div');
      line.append(make('dt', name), make('dd', value));
      list.append(line);
    }
    panel.replaceChildren(
      make('h2', fill(words.slotTitle, { slot: number.format(frame.order.indexOf(slot) + 1) })),
      make('p', wordAt(slot), open ? 'big open' : 'big'),
      list,
    );
    if (state === Slot.Given) panel.append(make('p', words.givenNote, 'note'));
    if (state === Slot.Pinned) panel.append(make('p', words.pinnedNote, 'note'));
    if (alternatives.length === 0) return;
    const rows = make('ol');
    for (const one of alternatives) {
      const { body, lead, sign } = wordIn(frame, slot, one.id, trace.pieces);
      const line = make('li', undefined, one.chosen ? 'alternative chosen' : 'alternative');
      const bar = make('i');
      bar.style.width = `${Math.max(0.5, one.probability * 100)}%`;
      const track = make('span', undefined, 'track');
      track.append(bar);
      const text = (sign && signs[sign]) ?? (lead === '' && /^\p{L}/u.test(body) ? `·${body}` : body);
      line.append(make('span', text, 'word'), track, make('span', percent(one.probability), 'share'));
      rows.append(line);
    }
    panel.append(make('h3', isOpen(state) || state === Slot.Pinned ? words.thinks : words.could), rows);
  }

  function go(to: number): void {
    frame = frameAt(trace, to);
    paint();
  }

  function play(on: boolean): void {
    playing = on;
    clearTimeout(due);
    at('play').ariaLabel = on ? words.pause : words.play;
    at('play').dataset['playing'] = String(on);
    if (!on) return;
    if (frame.playhead === trace.steps.length) go(0);
    const next = () => {
      go(frame.playhead + 1);
      if (frame.playhead === trace.steps.length) play(false);
      else wait();
    };
    const wait = () => {
      due = setTimeout(next, 1000 / Number(at<HTMLSelectElement>('speed').value));
    };
    wait();
  }

  function step(by: number): void {
    play(false);
    go(frame.playhead + by);
  }

  function select(slot: number, focus: boolean): void {
    if (!frame.order.includes(slot)) return;
    selected = slot;
    paint();
    if (focus) elementOf(slot).focus();
  }

  /** The slot above or below, by where it is drawn. */
  function neighbour(slot: number, direction: 1 | -1): number {
    const from = elementOf(slot).getBoundingClientRect();
    const middle = (box: DOMRect) => box.left + box.width / 2;
    let best = slot;
    let least = Number.POSITIVE_INFINITY;
    for (const other of frame.order) {
      const box = elementOf(other).getBoundingClientRect();
      const line = (box.top - from.top) * direction;
      const off = 100 * Math.round(line / 8) + Math.abs(middle(box) - middle(from));
      if (line > from.height * 0.6 && off < least) [best, least] = [other, off];
    }
    return best;
  }

  const slotOf = ({ target }: Event) => {
    const element = target instanceof Element ? target.closest<HTMLElement>('[data-slot]') : null;
    return element ? Number(element.dataset['slot']) : -1;
  };
  canvas.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'mouse' && slotOf(event) >= 0) inspect(slotOf(event));
  });
  canvas.addEventListener('pointerleave', () => inspect(selected));
  canvas.addEventListener('click', (event) => {
    if (slotOf(event) >= 0) select(slotOf(event), true);
  });
  canvas.addEventListener('focusin', (event) => {
    if (slotOf(event) !== selected) select(slotOf(event), false);
  });
  canvas.addEventListener('keydown', (event) => {
    const slot = slotOf(event);
    const moves: Readonly<Record<string, () => number>> = {
      ArrowLeft: () => slotBeside(frame, slot, -1),
      ArrowRight: () => slotBeside(frame, slot, 1),
      ArrowUp: () => neighbour(slot, -1),
      ArrowDown: () => neighbour(slot, 1),
      Home: () => slotBeside(frame, slot, Number.NEGATIVE_INFINITY),
      End: () => slotBeside(frame, slot, Number.POSITIVE_INFINITY),
    };
    const move = moves[event.key];
    if (slot < 0 || !move) return;
    event.preventDefault();
    select(move(), true);
  });
  addEventListener('keydown', (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const onControl = event.target instanceof Element && event.target.closest('button, select, summary');
    if (event.key === ' ' && !onControl) {
      event.preventDefault();
      play(!playing);
    } else if (event.key === ',') step(-1);
    else if (event.key === '.') step(1);
  });
  at('play').addEventListener('click', () => play(!playing));
  at('back').addEventListener('click', () => step(-1));
  at('forward').addEventListener('click', () => step(1));
  seek.addEventListener('input', () => {
    play(false);
    go(Number(seek.value));
  });
  document.getElementById('branch')?.addEventListener('change', ({ target }) => {
    trace = traces.get(Number((target as HTMLSelectElement).value)) as Recorded;
    selected = -1;
    const before = frame.playhead;
    build();
    play(false);
    go(before);
  });

  build();
  document.body.classList.add('live');
  go(still ? trace.steps.length : 0);
  if (!still) play(true);
}

void unpack().then(replay);
