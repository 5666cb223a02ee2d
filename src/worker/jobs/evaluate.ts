/** Asks the main model the items of tasks, one by one; each is an event, so that what is done is never lost. */
import { httpSource } from '../../checkpoint/http-source.ts';
import type { FetchProgress } from '../../checkpoint/hub/download.ts';
import { droppedSource } from '../../checkpoint/sources.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import type { Row } from '../../evaluation/tasks.ts';
import { said } from '../../text/said.ts';
import type { PlannedTask, TaskData } from '../protocol.evaluate.ts';
import type { Job, JobContext } from './job.ts';

type Rows = readonly Row[];

export const evaluateJob: Job<'evaluate'> = {
  // Its questions stand in line with those of a run, one by one.
  device: 'between',
  needs: ({ tasks }) => (tasks.some(({ task }) => task === 'quality') ? ['main', 'judge'] : ['main']),
  latest: true,
  async run({ settings, tasks }, context) {
    const { models, signal, emit, yieldToEvents } = context;
    const { evaluate, planOf } = await import('../../evaluation/evaluate.ts');
    const taken: { task: PlannedTask['task']; rows: PlannedTask['rows']; from: string }[] = [];
    for (const { task, data } of tasks) {
      taken.push({ task, ...(await rowsOf(task, data, settings.subjects[task], context)) });
    }
    const done = tasks.map(({ task, done }) => ({
      task,
      planned: 0,
      total: 0,
      items: done.map((index) => ({ index, id: '', target: '', scores: {}, chance: {} })),
    }));
    const plan = planOf(taken, settings, done);
    emit({
      kind: 'planned',
      tasks: plan.map(({ task, planned, total, needed }, i) => {
        const { rows, from } = taken[i] as (typeof taken)[number];
        const kept = rows.slice(0, Math.max(...needed) + 1).map((row, index) => (needed.has(index) ? row : null));
        return { task, planned, total, rows: kept, from };
      }),
    });
    const { model, network } = models.require();
    const judge = models.has('judge') ? models.require('judge') : undefined;
    for await (const { task, item } of evaluate({ model, network }, plan, { settings, judge, signal })) {
      emit({ kind: 'item', task, item });
      await yieldToEvents();
    }
  },
};

async function rowsOf(
  task: PlannedTask['task'],
  data: TaskData,
  subject: string | undefined,
  { store, signal, emit }: JobContext<'evaluate'>,
): Promise<{ rows: PlannedTask['rows']; from: string }> {
  const { readRows } = await import('../../training/data/rows.ts');
  switch (data.kind) {
    case 'rows':
      return { rows: data.rows, from: '' };
    case 'file': {
      const { rowsOfFile } = await import('../../evaluation/tasks.ts');
      const { name } = data.file;
      const rows = await readRows(droppedSource([data.file]), name, { signal });
      return { rows: rowsOfFile(task, name, rows, subject), from: name };
    }
    case 'url': {
      const at = data.url.lastIndexOf('/') + 1;
      const [folder, file] = [data.url.slice(0, at), data.url.slice(at)];
      if (!file.endsWith('.json')) return { rows: await readRows(httpSource(folder), file, { signal }), from: file };
      const bytes = await httpSource(folder).readAll(file, { signal });
      const all =
        bytes instanceof Uint8Array ? (JSON.parse(new TextDecoder().decode(bytes)) as Record<string, Rows>) : {};
      return { rows: all[task] ?? [], from: file };
    }
    case 'hub': {
      const [{ fetchRows }, { hubFiles, TASKS }] = await Promise.all([
        import('../../training/data/hub-rows.ts'),
        import('../../evaluation/tasks.ts'),
      ]);
      const on = hubFiles(TASKS[task], subject);
      if (on === undefined) throw ownRows(task);
      const onProgress = (progress: FetchProgress) => emit({ kind: 'fetching', progress });
      const { rows, commit } = await fetchRows(await store(), on, data, { signal, onProgress });
      return { rows, from: `${on.id}@${commit}` };
    }
  }
}

function ownRows(task: string): UnmaskError {
  const message = said`${task} has no data set on the hub.`;
  return new UnmaskError({ code: 'data', message, remedy: 'Choose a file with rows of your own.' });
}
