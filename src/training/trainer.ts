/**
 * The training loop: ask, step, and now and then measure, show a canvas, save. An async generator of events, so whoever
 * drives it sets the pace: to pause is to ask for no further event. Everything drawn is a function of seed and step, so a
 * run that goes on from a checkpoint has the losses of one that never stopped.
 */
import { UnmaskError } from '../diffusion/error.ts';
import { Batches } from './data/batches.ts';
import type { Dataset } from './data/dataset.ts';
import { measureHeldOut, measurements } from './held-out.ts';
import { learningRate } from './learning-rate.ts';
import { aboutOf, objectiveOf } from './objectives/index.ts';
import { type Asked, type Rows, split, type WordsOfModel } from './objectives/objective.ts';
import { answerProbes, measurePairs, type Preferring } from './preferring.ts';
import type { Checkpoint, Evaluation, Progress } from './run-files.ts';
import type { Sample } from './sample.ts';
import { sampleEvery, type TrainSettings } from './train-settings.ts';
import type { StepHow, Trainable } from './trainable.ts';
import type { EndReason, TrainEvent } from './trainer-events.ts';
import type { GroupWriter } from './write-groups.ts';

/** What the loop needs of the network. */
export type Learner = Partial<Pick<Trainable, 'loss' | 'fit'>> &
  Pick<Trainable, 'step' | 'crossEntropy' | 'weights' | 'optimiserState' | 'memory'>;

export interface TrainRun {
  readonly settings: TrainSettings;
  readonly learner: Learner;
  readonly train: Dataset;
  readonly heldOut: Dataset;
  readonly maskId: number;
  readonly vocabSize: number;
  /** For objectives that change words. */
  readonly words?: WordsOfModel | undefined;
  /** Of an objective that compares the model with what it was at the beginning. */
  readonly preferring?: Preferring | undefined;
  /** Of an objective whose texts the model writes itself. */
  readonly write?: GroupWriter | undefined;
}

export interface TrainOptions {
  /** Ends the run after the step in flight, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** Go on from here; weights and optimiser are already in the learner. */
  readonly from?: Progress | undefined;
  /** Keeps a checkpoint. What it throws ends the run. */
  readonly save?: ((checkpoint: Checkpoint) => Promise<void>) | undefined;
  /** Whether a checkpoint is wanted out of turn; asked after each step. */
  readonly saveNow?: (() => boolean) | undefined;
  /** Writes a canvas from a fixed seed, or repairs a text. */
  readonly sample?: (() => Promise<Sample>) | undefined;
  /** Clock in milliseconds. */
  readonly now?: () => number;
}

const START: Progress = { step: 0, tokens: 0, milliseconds: 0, evaluations: [] };
const EPSILON = 1e-8;
/** Not a run's: every run is measured on the same mistakes and times. */
const EXAM_SEED = 0x45444954;

/**
 * Runs to the last step, or until something ends it; the last event is `ended` and says what. Numbers that are not finite
 * and a lost device end it without saving: the checkpoint before is the last good one. Other errors are thrown.
 */
export async function* train(run: TrainRun, options: TrainOptions = {}): AsyncGenerator<TrainEvent, void> {
  const { settings, learner, heldOut, maskId, vocabSize, preferring } = run;
  const { signal, save, saveNow, sample, now = () => performance.now() } = options;
  const objective = objectiveOf(settings);
  // Rows of one question that lie together in a micro-batch: a pair, or a group.
  const together = objective.batch === 'pairs' ? 2 : objective.batch === 'groups' ? settings.group : 1;
  const updates = objective.updates ?? 1;
  const rowsOfStep = settings.batch * settings.accumulation;
  const batches = new Batches(run.train, rowsOfStep, settings.seed, objective.batch === 'pairs' ? 2 : 1);
  const about = aboutOf(settings, run.train, { maskId, vocabSize, ...(run.words && { words: run.words }) });
  const exam = measurements(heldOut, {
    texts: settings.evalTexts,
    batch: settings.batch,
    maskId,
    causal: objective.causal,
    block: objective.block,
    // Other texts than those learnt from, so that the step may be any.
    edits: objective.edits ? (rows, batch) => objective.ask(rows, { seed: EXAM_SEED, step: batch }, about) : undefined,
  });
  const { weightDecay, beta1, beta2, clip } = settings;
  let progress = options.from ?? START;
  let saved = options.from?.step ?? -1;

  const evaluate = async (): Promise<TrainEvent> => {
    const { nelbo, standardError } = await measureHeldOut(learner, exam);
    const { step } = progress;
    const pairs = preferring?.pairs;
    const preference = pairs && {
      preference: await measurePairs(learner, { ...preferring, pairs }, about, settings.beta),
    };
    const evaluation = { step, nelbo, standardError, ...preference };
    progress = { ...progress, evaluations: [...progress.evaluations, evaluation] };
    // The loss of edits bounds no likelihood.
    return { kind: 'evaluated', ...evaluation, ...(!objective.edits && { perplexityBound: Math.exp(nelbo) }) };
  };
  const keep = async (): Promise<TrainEvent> => {
    const [weights, optimiser] = [await learner.weights(), await learner.optimiserState()];
    await save?.({ settings, progress, weights, optimiser });
    saved = progress.step;
    return { kind: 'saved', step: saved };
  };
  const due = (every: number) => every > 0 && (progress.step % every === 0 || progress.step === settings.steps);

  /** All updates by one batch: the means of their numbers. */
  const update = async (rows: Rows, lr: number) => {
    const draws = Array.from({ length: updates }, (_, i) => ({
      seed: settings.seed,
      step: progress.step * updates + i,
    }));
    const size = Math.min(rows.ids.length / rows.length, settings.batch * together);
    const probes = draws.flatMap((draw) => {
      const own = objective.probes?.(rows, draw, about);
      return own ? [own] : [];
    });
    const scoresOf = probes.length > 0 && (await answerProbes(probes, learner, preferring?.reference, size));
    const all: { loss: number; gradNorm: number; told: Asked['told'] }[] = [];
    for (const [i, draw] of draws.entries()) {
      const question = objective.ask(rows, draw, about, scoresOf ? await scoresOf(i) : undefined);
      const how: StepHow = { lr, weightDecay, beta1, beta2, eps: EPSILON, clip, draw };
      const { loss, gradNorm } = await learner.step(split(question, size), how);
      all.push({ loss: question.told?.loss ?? loss, gradNorm, told: question.told });
      if (!Number.isFinite(gradNorm)) break;
    }
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    const [first] = all;
    const told = first?.told && {
      told: Object.fromEntries(
        Object.keys(first.told).map((name) => [name, mean(all.map((one) => one.told?.[name] as number))]),
      ),
    };
    return {
      loss: mean(all.map(({ loss }) => loss)),
      gradNorm: mean(all.map(({ gradNorm }) => gradNorm)),
      ...(told && { told }),
    };
  };

  /** What is done between steps. */
  async function* pause(): AsyncGenerator<TrainEvent, void> {
    if (exam.length > 0 && due(settings.evalEvery) && progress.evaluations.at(-1)?.step !== progress.step)
      yield await evaluate();
    if (sample && due(sampleEvery(settings))) yield { kind: 'sample', step: progress.step, ...(await sample()) };
    const good = Number.isFinite(progress.evaluations.at(-1)?.nelbo ?? 0);
    if (!good || !save || progress.step === 0 || saved === progress.step) return;
    if (due(settings.saveEvery) || saveNow?.()) yield await keep();
  }

  let reason: EndReason = 'steps';
  try {
    if (options.from === undefined) yield* pause();
    while (progress.step < settings.steps) {
      // Without the graphics card nothing else waits for the event loop: a click or an interrupt would never arrive.
      await new Promise((resume) => setTimeout(resume));
      if (signal?.aborted) {
        reason = 'stopped';
        break;
      }
      const began = now();
      const given = batches.at(progress.step);
      const group = await run.write?.(given, { seed: settings.seed, step: progress.step });
      const rows = group?.rows ?? given;
      const lr = learningRate(progress.step, settings);
      const { loss, gradNorm, told } = await update(rows, lr);
      const milliseconds = now() - began;
      const step = progress.step + 1;
      const tokens = rows.ids.length;
      if (group) yield { kind: 'wrote', step, texts: group.texts };
      yield {
        kind: 'step',
        step,
        loss,
        gradNorm,
        lr,
        tokens,
        milliseconds,
        memory: learner.memory,
        fit: learner.fit,
        ...told,
      };
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
        yield { kind: 'ended', step, reason: 'not-finite' };
        return;
      }
      progress = {
        ...progress,
        step,
        tokens: progress.tokens + rows.ids.length,
        milliseconds: progress.milliseconds + milliseconds,
      };
      yield* pause();
      if (!Number.isFinite(progress.evaluations.at(-1)?.nelbo ?? 0))
        return yield { kind: 'ended', step, reason: 'not-finite' };
      if (outOfPatience(progress.evaluations, settings.patience)) {
        reason = 'patience';
        break;
      }
    }
    if (save && saved !== progress.step) yield await keep();
  } catch (error) {
    if (!(error instanceof UnmaskError) || error.code !== 'device') throw error;
    reason = 'device';
  }
  yield { kind: 'ended', step: progress.step, reason };
}

/** Whether the lowest value lies at least so many measurements back. */
function outOfPatience(evaluations: readonly Evaluation[], patience: number): boolean {
  if (patience === 0 || evaluations.length === 0) return false;
  const values = evaluations.map(({ nelbo }) => nelbo);
  return values.length - 1 - values.indexOf(Math.min(...values)) >= patience;
}
