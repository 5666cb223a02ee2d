/** Writes several texts and says what each took: one after the other, each alone on the device, or all at once. */
import type { Step } from '../../diffusion/trace.ts';
import { checkSameArithmetic, type OpenRun, openRun, writeAlone, writeTogether } from '../compared-run.ts';
import { Pieces } from '../pieces.ts';
import type { Job } from './job.ts';

export const compareJob: Job<'compare'> = {
  device: 'turn',
  needs: ({ runs, judge }) => [
    ...(runs.some(({ writer }) => writer === 'set') ? (['main'] as const) : []),
    ...(judge || runs.some(({ writer }) => writer === 'append') ? (['judge'] as const) : []),
  ],
  async run({ runs, steps, judge, together = false }, { models, signal, emit, yieldToEvents }) {
    if (judge || runs.some(({ writer }) => writer === 'append')) checkSameArithmetic(models);
    const adapts = runs.some(({ adapter }) => adapter !== undefined);
    const before = adapts ? models.require().adapted : undefined;
    const put = (adapter: { readonly key: string; readonly weight: number } | undefined) =>
      models.adapt(adapter?.key, adapter?.weight ?? 0);
    const open = (run: number) => {
      const opened = openRun(models, runs[run] as (typeof runs)[number]);
      const pieces = new Pieces(opened.loaded.model.tokenizer);
      const { start, maskId } = opened;
      if (steps) emit({ kind: 'run', run, start, maskId, pieces: pieces.fresh(start.ids) });
      return { opened, pieces };
    };
    const optionsOf = (pieces: (run: number) => Pieces, first = 0) => ({
      judge,
      signal,
      async onStep(at: number, step: Step) {
        if (steps) emit({ kind: 'runStep', run: first + at, step, pieces: pieces(at).ofStep(step) });
        await yieldToEvents();
      },
    });
    if (together && !adapts && runs.every(({ writer }) => writer === 'set')) {
      const all = runs.map((_, run) => open(run));
      if (steps) for (const { opened } of all) await opened.warmUp();
      const opened: OpenRun[] = all.map((one) => one.opened);
      const results = await writeTogether(
        models,
        opened,
        optionsOf((at) => (all[at] as (typeof all)[number]).pieces),
      );
      results?.forEach((result, run) => {
        emit({ kind: 'written', run, result });
      });
      return;
    }
    try {
      for (const run of runs.keys()) {
        if (adapts && runs[run]?.writer === 'set') await put(runs[run].adapter);
        const { opened, pieces } = open(run);
        if (steps) await opened.warmUp();
        const result = await writeAlone(
          models,
          opened,
          optionsOf(() => pieces, run),
        );
        if (result === undefined) return;
        emit({ kind: 'written', run, result });
      }
    } finally {
      if (adapts) await put(before);
    }
  },
};
