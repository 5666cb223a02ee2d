/**
 * The loop of all processes: what comes next, ask the network, carry out the ops, record the step. Short enough for a wall:
 * what is asked, and what follows from the answer, is the process's own (`process.ts`, `processes/`).
 */
import { type Canvas, copyCanvas, slotAt } from './canvas.ts';
import type { FindEnding } from './early-stop.ts';
import { askAll, type EditRates, type Network, NOTHING_ASKED, type Prediction, type Question } from './network.ts';
import { applyOps } from './ops.ts';
import type { Choice, Process, State, Turn } from './process.ts';
import { processFor } from './processes/index.ts';
import type { Settings } from './settings.ts';
import type { Cursor, Step } from './trace.ts';

/** What a process asks. */
type Answering = Pick<Network, 'info' | 'predict' | 'edits'>;

export interface GenerateOptions {
  /** That of the settings and the network when absent. */
  readonly process?: Process | undefined;
  /** Go on from here; on an unedited canvas the run continues bit for bit as if it had never stopped. */
  readonly cursor?: Cursor | undefined;
  /** What the run has noted so far (`writtenLogProbs` of `replay.ts`); to be given with the cursor. */
  readonly writtenLogProbs?: Float32Array | undefined;
  /** Stops before the next forward pass; the step in flight is still finished and yielded. */
  readonly signal?: AbortSignal | undefined;
  /** Finds where an answer ends, for the setting `earlyStop`; at the first of the network's end tokens when absent. */
  readonly ending?: FindEnding | undefined;
  /** Makes every pass anew, also over a canvas that the network remembers; for what is timed or counted. */
  readonly fresh?: boolean | undefined;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

/**
 * Yields each step as it is made and ends when nothing is left to write, or nothing that is needed (`earlyStop`).
 * `canvas` itself is not changed. Throws `UnmaskError` code `canvas` or `settings` when the network cannot write so, and
 * what it throws.
 */
export async function* generate(
  network: Answering,
  canvas: Canvas,
  settings: Settings,
  options: GenerateOptions = {},
): AsyncGenerator<Step, void> {
  for await (const { step } of generateTogether(network, [{ canvas, settings, ...options }], options)) yield step;
}

/** A run to be made, alone or beside others. */
export interface Beginning extends Pick<GenerateOptions, 'process' | 'cursor' | 'writtenLogProbs'> {
  readonly canvas: Canvas;
  readonly settings: Settings;
}

/**
 * The same for several canvases that advance together: what their next steps ask is one batch. Each has the steps that it
 * would have alone, but for their milliseconds: the time of a batch is shared out evenly among those who asked.
 */
export async function* generateTogether(
  network: Answering,
  all: readonly Beginning[],
  options: Pick<GenerateOptions, 'signal' | 'ending' | 'fresh' | 'now'> = {},
): AsyncGenerator<{ readonly run: number; readonly step: Step }, void> {
  const { signal, now = () => performance.now() } = options;
  const runs = all.map((beginning) => new Run(network, beginning, options));
  while (!signal?.aborted) {
    const began = now();
    const turns = new Map<Run, Turn>();
    for (const run of runs) {
      const turn = run.next();
      if (turn) turns.set(run, turn);
    }
    if (turns.size === 0) return;
    const answers = await answersOf(network, [...turns.values()]);
    const asking = [...turns.values()].filter(({ asks }) => asks !== 'nothing').length;
    const each = (now() - began) / Math.max(asking, 1);
    for (const [run, turn] of turns) {
      const before = now();
      const step = run.write(chosen(turn, answers.get(turn)), turn.asks !== 'nothing');
      const milliseconds = now() - before + (turn.asks === 'nothing' ? 0 : each);
      if (step) yield { run: runs.indexOf(run), step: { ...step, milliseconds: run.spent(milliseconds) } };
      else run.spend(milliseconds);
    }
  }
}

type Answer = Prediction | EditRates;
type Answers = ReadonlyMap<Turn, readonly Answer[]>;

/** The answers to all that is asked, those of one kind in one batch. */
async function answersOf(network: Answering, turns: readonly Turn[]): Promise<Answers> {
  const answers = new Map<Turn, Answer[]>();
  for (const kind of ['tokens', 'edits'] as const) {
    const asking = turns.flatMap((turn) => questionsOf(turn, kind).map((question) => ({ turn, question })));
    if (asking.length === 0) continue;
    const questions = asking.map(({ question }) => question);
    const found: readonly Answer[] =
      kind === 'tokens'
        ? await askAll(questions, (batch, how) => network.predict(batch, how))
        : // No process asks for edits where there are none.
          await askAll(questions, (batch, how) => (network.edits as NonNullable<typeof network.edits>)(batch, how));
    asking.forEach(({ turn }, at) => {
      answers.set(turn, [...(answers.get(turn) ?? []), found[at] as Answer]);
    });
  }
  return answers;
}

function questionsOf(turn: Turn, kind: 'tokens' | 'edits'): readonly Question[] {
  if (turn.asks === 'several') return kind === 'tokens' ? turn.questions : [];
  return turn.asks === kind ? [turn.question] : [];
}

function chosen(turn: Turn, answers: readonly Answer[] = []): Choice {
  if (turn.asks === 'nothing') return turn.choose();
  if (turn.asks === 'several') return turn.choose(answers as readonly Prediction[]);
  const [answer] = answers;
  return turn.asks === 'tokens' ? turn.choose(answer as Prediction) : turn.choose(answer as EditRates);
}

/** One run between two answers. */
class Run {
  readonly #maskId: number | undefined;
  #canvas: Canvas;
  #state: State;
  /** Time of what has been asked for the step that is still to come. */
  #spent = 0;

  constructor(
    { info }: Answering,
    { canvas, ...given }: Beginning,
    options: Pick<GenerateOptions, 'ending' | 'fresh'>,
  ) {
    const { process, settings } = given.process
      ? { ...given, process: given.process }
      : processFor(info, given.settings);
    const { cursor, writtenLogProbs } = given;
    this.#maskId = info.maskId;
    this.#canvas = copyCanvas(canvas);
    this.#state = process.begin(info, this.#canvas, settings, { ...options, cursor, writtenLogProbs });
  }

  next(): Turn | undefined {
    return this.#state.turn(this.#canvas);
  }

  spend(milliseconds: number): void {
    this.#spent += milliseconds;
  }

  /** The time of a whole step. */
  spent(milliseconds: number): number {
    const all = this.#spent + milliseconds;
    this.#spent = 0;
    return all;
  }

  /** The step that follows from the answer; undefined where nothing was asked and nothing done, or more is to be asked. */
  write({ ops, answer, next, state, ended, pending }: Choice, asked: boolean): Omit<Step, 'milliseconds'> | undefined {
    if (pending) {
      this.#state = state;
      return undefined;
    }
    const said = recorded(this.#canvas, answer);
    this.#canvas = applyOps(this.#canvas, ops, this.#maskId);
    this.#state = state;
    if (!asked && ops.length === 0) return undefined;
    const { forwards } = said.prediction;
    return { index: next.step - 1, ops, ...said, next, forwards, ...(ended && { ended }) };
  }
}

/** An answer as it is recorded: slots have their names in the place of places. */
function recorded(canvas: Canvas, answer: Answer | undefined): Pick<Step, 'prediction' | 'edits'> {
  const named = (said: Prediction): Prediction =>
    canvas.order ? { ...said, slots: said.slots.map((place) => slotAt(canvas, place)) } : said;
  if (answer === undefined) return { prediction: NOTHING_ASKED };
  if (!('rates' in answer)) return { prediction: named(answer) };
  return { prediction: named(answer.set), edits: { rates: answer.rates, insert: named(answer.insert) } };
}
