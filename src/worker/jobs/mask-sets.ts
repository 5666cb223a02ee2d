/** Asks the main model about every set of masks of a short answer: all that an estimate of its likelihood could draw. */
import { UnmaskError } from '../../diffusion/error.ts';
import type { Network } from '../../diffusion/network.ts';
import { said } from '../../text/said.ts';
import type { Job } from './job.ts';

/** Tokens of an answer whose sets are still few: 511. */
const MOST = 9;
/** Canvases of one question. */
const AT_ONCE = 32;

export const maskSetsJob: Job<'maskSets'> = {
  device: 'between',
  needs: () => ['main'],
  async run({ prompt, answer, against }, { models, store, signal, emit, yieldToEvents }) {
    const { model, network } = models.require();
    const { maskId, vocabSize, causal } = network.info;
    if (maskId === undefined || causal) {
      const message = 'This model has no mask token, so its text has no masked likelihood.';
      throw new UnmaskError({ code: 'canvas', message, remedy: 'Choose a masked model, such as stories.' });
    }
    const before = model.tokenizer.encode(prompt, { maskAsText: true });
    const all = model.tokenizer.encode(prompt + answer, { maskAsText: true });
    const target = all.slice(before.length);
    if (target.length === 0 || target.length > MOST) {
      const message = said`The answer has ${target.length} tokens; all sets of masks are asked of 1 to ${MOST}.`;
      throw new UnmaskError({ code: 'canvas', message, remedy: 'Write a shorter answer.' });
    }
    const policy: number[] = [];
    const reference: number[] = [];
    const doubted = (logProb: number) =>
      'doubt' in against
        ? Math.log((1 - against.doubt) * Math.exp(logProb) + against.doubt / (vocabSize - 1))
        : Number.NaN;
    const tuned =
      'run' in against
        ? await (await import('../train/open-run.ts')).openRun(against.run, { store: await store(), models, signal })
        : undefined;
    const sum = (logProbs: Float32Array, of = (logProb: number) => logProb) =>
      logProbs.reduce((all, each) => all - of(each), 0);
    const sets = Array.from({ length: 2 ** target.length - 1 }, (_, set) => set + 1);
    try {
      for (let first = 0; first < sets.length; first += AT_ONCE) {
        signal.throwIfAborted();
        const part = sets.slice(first, first + AT_ONCE).map((set) => {
          const masked = target.map((_, place) => place).filter((place) => (set >> place) & 1);
          const ids = [...before, ...target.map((id, place) => ((set >> place) & 1 ? maskId : id))];
          return {
            sequence: { ids: Int32Array.from(ids), asked: Int32Array.from(masked, (place) => before.length + place) },
            targets: Int32Array.from(masked, (place) => target[place] as number),
          };
        });
        const ask = (asked: Network) =>
          asked.score(
            part.map(({ sequence }) => sequence),
            part.map(({ targets }) => targets),
            { suppress: [maskId] },
          );
        const scores = await ask(network);
        const ofRun = tuned && (await ask(tuned.network));
        for (const [i, logProbs] of scores.entries()) {
          policy.push(sum(ofRun?.[i] ?? logProbs));
          reference.push(ofRun ? sum(logProbs) : sum(logProbs, doubted));
        }
        await yieldToEvents();
      }
    } finally {
      tuned?.dispose();
    }
    emit({ kind: 'sets', pieces: target.map((id) => model.tokenizer.piece(id)), policy, reference });
  },
};
