/** The race: the runs made with one prompt and seed, the appending one and one for each number of tokens per pass. */
import { create } from 'zustand';
import { currentTrace } from '../../../diffusion/branches.ts';
import { writtenSlotsIn } from '../../../diffusion/ops.ts';
import type { Settings } from '../../../diffusion/settings.ts';
import { SMALL } from '../../../diffusion/shipped.ts';
import { decodeTree } from '../../../diffusion/trace-decode.ts';
import type { ComparedRun } from '../../../worker/protocol.ts';
import { playNew, useReplay } from '../../session/comparedReplay.ts';
import { compareRuns, type TracedRun } from '../../session/comparedRuns.ts';
import { loadModel } from '../../session/compute.ts';
import { runGpt2 } from '../../session/gpt2.ts';
import { frameAt } from '../../trace/frame.ts';
import { plainText } from '../../trace/words.ts';
import { type Comparison, DEFAULT_COMPARISON, type Opponent, TEN_PASSES, type Width } from './address.ts';
import JUDGED from './judged.json';
import { compareWith, useComparison } from './store.ts';
import { startWork, useWork } from './work.ts';

/** Words that stand on the canvas before anything is written: after the gap, and half way in it. */
export interface Given {
  readonly ending: string;
  readonly middle: string;
}

const NOTHING_GIVEN: Given = { ending: '', middle: '' };

interface Race {
  /** The settings all runs here were made with, as text. */
  readonly made: string;
  readonly opponent: Opponent;
  /** What only the diffusion side could be told. */
  readonly given: Given;
  readonly append: TracedRun | undefined;
  readonly set: Partial<Record<Width, TracedRun>>;
  /** Which side is being measured now. */
  readonly measuring: 'append' | Width | undefined;
  /** What is here came with the page and was measured on another device. */
  readonly recorded: boolean;
}

export const useRace = create<Race>(() => ({
  made: '',
  opponent: 'twin',
  given: NOTHING_GIVEN,
  append: undefined,
  set: {},
  measuring: undefined,
  recorded: false,
}));

/** What makes two runs comparable: everything but how many steps they take. */
export function madeWith({
  settings,
  ending,
  middle,
  opponent,
  rival,
}: Pick<Comparison, 'settings' | 'ending' | 'middle' | 'opponent' | 'rival'>): string {
  return JSON.stringify({ ...settings, steps: 0, ending, middle, opponent, ...(opponent === 'own' && { rival }) });
}

/**
 * Barry's comparison of RoBERTa with GPT-2: 256 tokens after a prompt of 16, top-k 50, top-p .95, GPT-2 at temperature
 * .8; his first diffusion sampler writes everything at each of ten steps and masks a falling part of it again.
 */
export function takeBarrysSettings(prompt: string): void {
  const { settings } = useComparison.getState();
  compareWith({
    width: TEN_PASSES,
    settings: {
      ...settings,
      prompt,
      length: 256,
      block: 0,
      sampler: 'iterative-refinement',
      schedule: 'linear',
      temperature: 0.8,
      topK: 50,
      topP: 0.95,
    },
  });
}

/**
 * The ending stands after as many of the model's `mask` tokens as are to be written, and the words for the middle in the
 * middle of them; who appends cannot read either.
 */
export function comparedRun(
  settings: Settings,
  side: 'append' | Width,
  { ending = '', middle = '', mask = '' }: Partial<Given> & { readonly mask?: string } = {},
): ComparedRun {
  if (side === 'append') {
    return {
      writer: 'append',
      settings: { ...settings, mode: 'continue', sampler: 'left-to-right', steps: settings.length, block: 0 },
    };
  }
  const steps = Math.ceil(settings.length / Number(side));
  if (ending === '' && middle === '') return { writer: 'set', settings: { ...settings, mode: 'continue', steps } };
  const half = Math.floor(settings.length / 2);
  const spaced = (text: string) => (text === '' || /^\s/.test(text) ? text : ` ${text}`);
  const prompt =
    settings.prompt + mask.repeat(half) + spaced(middle) + mask.repeat(settings.length - half) + spaced(ending);
  return { writer: 'set', settings: { ...settings, mode: 'fill', prompt, steps } };
}

/** Whether stories-ar, which comes with the page, has a model's size, tokenizer and training stories, and may judge it. */
export function hasTwin(model: string): boolean {
  return model === SMALL;
}

/**
 * The race that the view opens with, written with its defaults by `npm run generate -- --trace FILE --alternatives 1` with
 * `--steps 32`, and with `--model stories-ar`: shown until there is one
 * of this device. Nothing is shown where its files cannot be fetched.
 */
export async function showRecordedRace(): Promise<void> {
  const made = madeWith(DEFAULT_COMPARISON);
  if (useRace.getState().made !== '' || madeWith(useComparison.getState()) !== made) return;
  const [append, set] = await Promise.all((['append', 'set'] as const).map(recordedRun));
  if (!append || !set || useRace.getState().made !== '') return;
  useRace.setState({
    made,
    opponent: 'twin',
    given: NOTHING_GIVEN,
    append,
    set: { [DEFAULT_COMPARISON.width]: set },
    recorded: true,
  });
  playNew();
}

async function recordedRun(writer: TracedRun['writer']): Promise<TracedRun | undefined> {
  const answer = await fetch(new URL(`recorded/race-${writer}.json`, document.baseURI));
  if (!answer.ok) return undefined;
  const trace = currentTrace(decodeTree(await answer.text()));
  const written = new Set(trace.steps.flatMap(writtenSlotsIn));
  const own = frameAt(trace, trace.steps.length).ids.filter((_, slot) => written.has(slot));
  return {
    writer,
    trace,
    result: {
      milliseconds: trace.steps.reduce((sum, step) => sum + step.milliseconds, 0),
      forwards: trace.steps.reduce((sum, step) => sum + step.forwards, 0),
      written: own.length,
      text: plainText(own, trace.maskId, trace.pieces),
      ids: [...own],
      steps: trace.steps.length,
      // Of these very tokens (`npm run bench:race`); a recording made anew has none until it is judged anew.
      logProbs: String(JUDGED[writer].ids) === String(own) ? JUDGED[writer].logProbs : [],
    },
  };
}

/** Whether what is here may stand beside runs that are measured now: a recording was made on another device. */
export const standBeside = (here: Pick<Race, 'made' | 'recorded'>, made: string): boolean =>
  here.made === made && !here.recorded;

/** Measures the opponent and then the diffusion model at each of these widths, one alone after the other. */
export async function race(widths: readonly Width[]): Promise<void> {
  const { settings, ending, middle, opponent, rival } = useComparison.getState();
  const gpt2 = opponent === 'gpt2';
  const sides = gpt2 ? widths : (['append', ...widths] as const);
  await startWork(async (signal) => {
    const made = madeWith({ settings, ending, middle, opponent, rival });
    const main = await loadModel();
    if (!standBeside(useRace.getState(), made)) {
      useRace.setState({ made, opponent, given: { ending, middle }, append: undefined, set: {}, recorded: false });
    }
    useReplay.setState({ at: Number.POSITIVE_INFINITY, playing: false });
    if (gpt2) {
      const onRun = (append: TracedRun) => {
        useWork.setState({ status: 'running' });
        useRace.setState({ measuring: 'append', append });
      };
      await runGpt2(comparedRun(settings, 'append').settings, { signal, onRun }).finally(() =>
        useRace.setState({ measuring: undefined }),
      );
      if (signal.aborted) return;
    }
    await compareRuns(
      sides.map((side) => comparedRun(settings, side, { ending, middle, mask: main.maskText ?? '' })),
      {
        judge: opponent === 'twin' && hasTwin(main.id), // which has read stories only
        rival: opponent === 'own' ? rival : undefined,
        signal,
        onReady: () => useWork.setState({ status: 'running' }),
        onRun(at, run) {
          const side = sides[at] as 'append' | Width;
          useRace.setState(({ set }) => ({
            measuring: side,
            ...(side === 'append' ? { append: run } : { set: { ...set, [side]: run } }),
          }));
        },
      },
    ).finally(() => useRace.setState({ measuring: undefined }));
    if (!signal.aborted) playNew();
  });
}
