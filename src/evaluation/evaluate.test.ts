import { describe, expect, test } from 'vitest';
import { openGolden } from '../checkpoint/testing/golden.ts';
import { tableNetwork, tableTextNetwork } from '../diffusion/testing/table-network.ts';
import { evaluate, planOf, type Subject, type TaskRows } from './evaluate.ts';
import {
  compareItems,
  type EvaluationRecord,
  fromHarness,
  goesOn,
  type Item,
  toHarness,
  valuesOf,
  wholeRecord,
} from './record.ts';
import { defaultEvaluation, type EvaluationSettings } from './settings.ts';
import { TASKS, type TaskName } from './tasks.ts';

/** One token a character: 'a' is 0 … 'z' is 25, everything else 26; the mask is 27. */
const tokenizer = {
  encode: (text: string) => [...text].map((each) => Math.max(0, 'abcdefghijklmnopqrstuvwxyz '.indexOf(each))),
  decode: (ids: readonly number[]) => ids.map((id) => 'abcdefghijklmnopqrstuvwxyz '[id] ?? '').join(''),
  piece: (id: number) => 'abcdefghijklmnopqrstuvwxyz '[id] ?? '',
};
const { arch } = await openGolden('base');
const model = { id: 'toy', arch: { ...arch, ids: { mask: 27 } }, tokenizer } as Subject['model'];
/** Surest of the letter after the one before, less so further right. */
const masked: Subject = {
  model,
  network: tableNetwork(28, 27, (ids, slot) =>
    Array.from({ length: 28 }, (_, id) => (id === ((ids[slot - 1] ?? 0) + 1) % 26 ? 3 : id === 27 ? 1 : 0.01 * slot)),
  ),
};
const judge: Subject = {
  model: { ...model, id: 'judge' },
  network: tableTextNetwork(28, (ids) => Array.from({ length: 28 }, (_, id) => (id === (ids.at(-1) ?? 0) + 1 ? 2 : 0))),
};

const rows: Readonly<Partial<Record<TaskName, TaskRows['rows']>>> = {
  lambada: [{ text: 'ab c' }, { text: 'xy qq' }, { text: 'one' }],
  arc_easy: [
    { query: 'say a', choices: ['b', 'zzzz'], gold: 0 },
    { query: 'say b', choices: ['k', 'ccc'], gold: 'B' },
  ],
  exact_match: [
    { prompt: 'a', answer: 'bcdef' },
    { prompt: 'b', answer: 'x' },
  ],
  nelbo: [{ text: 'abcdefghij' }, { text: 'hello' }],
  quality: [{ prompt: 'a' }, { prompt: 'h' }],
};
const tasks = (Object.keys(rows) as TaskName[]).map((task): TaskRows => ({ task, rows: rows[task] ?? [] }));
const initial = defaultEvaluation();
const settings: EvaluationSettings = {
  ...initial,
  tasks: tasks.map(({ task }) => task),
  samples: 16,
  batch: 8,
  writing: { ...initial.writing, length: 5, steps: 5, sampler: 'left-to-right' },
};
const about = { model: 'toy', device: 'table', settings, data: {}, began: '2026-11-30T00:00:00.000Z' };

// biome-ignore lint/suspicious/noExplicitAny: what was stored, before it is looked at
type Loose = any;

/** With another first item of the first task. */
const item = (record: Loose, change: object) => {
  const [task, ...rest] = record.tasks;
  return { ...record, tasks: [{ ...task, items: [{ ...task.items[0], ...change }] }, ...rest] };
};

async function run(most = Number.POSITIVE_INFINITY, before?: EvaluationRecord): Promise<EvaluationRecord> {
  const plan = planOf(tasks, settings, before?.tasks);
  const items = new Map<TaskName, Item[]>(plan.map((each) => [each.task, [...each.items]]));
  let count = 0;
  for await (const { task, item } of evaluate(masked, plan, { settings, judge })) {
    // Times are all that may differ between two runs.
    const seconds = item.scores['seconds'] === undefined ? {} : { seconds: 1 };
    items.get(task)?.push({ ...item, scores: { ...item.scores, ...seconds } });
    if (++count >= most) break;
  }
  const all = plan.map(({ task, planned, total }) => ({ task, planned, total, items: items.get(task) ?? [] }));
  return { ...about, tasks: all };
}

const numbers = (record: EvaluationRecord, task: TaskName) => {
  const found = record.tasks.find((each) => each.task === task);
  if (found === undefined) throw new Error(task);
  return Object.fromEntries(valuesOf(found).map((value) => [value.metric.name, value]));
};

describe('an evaluation', async () => {
  const whole = await run();

  test('scores choices, and chance beside them', () => {
    const { acc, acc_norm: norm } = numbers(whole, 'arc_easy');
    expect(acc).toMatchObject({ chance: 0.5 });
    // The space before a choice breaks the alphabet: the short one is likelier, and longer ones gain by character.
    expect([acc?.value, norm?.value]).toEqual([0.5, 0.5]);
    const [item] = whole.tasks.find(({ task }) => task === 'arc_easy')?.items ?? [];
    expect(item?.requests?.map(({ continuation, tokens, error }) => [continuation, tokens, error === 0])).toEqual([
      [' b', 2, true],
      [' zzzz', 5, false],
    ]);
  });

  test('checks LAMBADA’s word greedily', () => {
    const { acc, perplexity } = numbers(whole, 'lambada');
    expect(acc?.value).toBe(0);
    expect(acc?.chance).toBeCloseTo((27 ** -2 + 27 ** -3 + 27 ** -4) / 3, 12);
    expect(perplexity?.value).toBeGreaterThan(1);
  });

  test('reads answers, and says what they cost', () => {
    const { exact_match: match, nfe, tpf } = numbers(whole, 'exact_match');
    expect(match).toMatchObject({ value: 0.5, chance: 0 });
    expect([nfe?.value, tpf?.value]).toEqual([5, 1]);
  });

  test('bounds texts per token, character and byte', () => {
    const { nelbo, perplexity_bound: bound, bits_per_character: bits } = numbers(whole, 'nelbo');
    expect(nelbo?.chance).toBeCloseTo(Math.log(27), 12);
    expect(nelbo?.value).toBeLessThan(Math.log(27));
    expect(bound?.value).toBeCloseTo(Math.exp(nelbo?.value as number), 12);
    expect(bits?.value).toBeCloseTo((nelbo?.value as number) / Math.LN2, 12);
  });

  test('judges samples by all numbers together', () => {
    const quality = numbers(whole, 'quality');
    expect(quality['generative_perplexity']?.value).toBeLessThan(28);
    expect(quality['entropy']?.value).toBeCloseTo(Math.log(5), 12);
    expect(quality['repeated_trigrams']?.value).toBe(0);
    expect(Object.keys(quality)).toEqual(TASKS.quality.metrics.map(({ name }) => name));
  });

  test('goes on from where it stopped, to the same record', async () => {
    const stored = JSON.parse(JSON.stringify(toHarness(await run(4))));
    const before = fromHarness(stored, 'x.json');
    expect(before.tasks.map(({ items }) => items.length)).toEqual([3, 1, 0, 0, 0]);
    expect(goesOn(before, about)).toBe(true);
    expect(goesOn(before, { ...about, settings: { ...settings, seed: 7 } })).toBe(false);
    expect(await run(undefined, before)).toEqual(whole);
  });

  test('is written as the harness writes it, and read back', () => {
    const file = JSON.parse(JSON.stringify(toHarness(whole)));
    expect(file.results.arc_easy).toMatchObject({ 'acc,none': 0.5, 'acc_stderr,none': 0.5, 'acc_random,none': 0.5 });
    expect(file['n-samples'].lambada).toEqual({ original: 3, effective: 3 });
    const [sample] = file.samples.arc_easy;
    expect(sample.arguments[0]).toEqual(['say a', ' b']);
    expect(sample.resps[0][0][0]).toBe(sample.filtered_resps[0][0]);
    for (const [task, { output_type: output, metric_list: metrics }] of Object.entries<Loose>(file.configs)) {
      const [first] = file.samples[task];
      expect(output, task).toBe(TASKS[task as TaskName].output);
      for (const { metric } of metrics) expect(first, `${task} ${metric}`).toHaveProperty(metric);
      const [answer] = first.filtered_resps;
      expect(typeof (Array.isArray(answer) ? answer[0] : answer), task).toBe(
        output === 'generate_until' ? 'string' : 'number',
      );
    }
    const [text] = file.samples.nelbo;
    expect(text.bits_per_byte).toEqual([-text.nats, text.bytes]);
    expect(fromHarness(file, 'x.json')).toEqual(whole);
    expect(() => fromHarness({}, 'x.json')).toThrow('x.json is no evaluation that was written here.');
  });

  test.each<[string, (record: Loose) => unknown]>([
    ['a date that is none', (record) => ({ ...record, began: 'soon' })],
    ['a model that is none', (record) => ({ ...record, model: { name: 'x' } })],
    ['a task that nobody knows', (record) => ({ ...record, tasks: [{ ...record.tasks[0], task: 'toString' }] })],
    ['a count below zero', (record) => ({ ...record, tasks: [{ ...record.tasks[0], planned: -1 }] })],
    ['items that are no list', (record) => ({ ...record, tasks: [{ ...record.tasks[0], items: 7 }] })],
    ['an answer that is an object', (record) => item(record, { target: {} })],
    ['a score in words', (record) => item(record, { scores: { acc: 'high' } })],
    [
      'a log probability in words',
      (record) =>
        item(record, { requests: [{ context: '', continuation: '', logLikelihood: '-2', error: 0, tokens: 1 }] }),
    ],
    ['ids that are none', (record) => item(record, { ids: [1.5] })],
    ['no settings', (record) => ({ ...record, settings: null })],
  ])('a record is drawn only where all of it is whole: %s', (_, damage) => {
    expect(() => wholeRecord(damage(JSON.parse(JSON.stringify(whole))))).toThrow(Error);
  });

  test('a setting of another kind has its default, and what JSON has no word for is NaN again', () => {
    const stored = JSON.parse(JSON.stringify(whole));
    const odd = { ...stored, settings: { ...stored.settings, samples: 'many', writing: { steps: null, seed: 7 } } };
    const read = wholeRecord(item(odd, { scores: { acc: null } }));
    expect(read.settings.samples).toBe(initial.samples);
    expect(read.settings.writing).toEqual({ ...initial.writing, seed: 7 });
    expect(read.tasks[0]?.items[0]?.scores['acc']).toBeNaN();
    expect(wholeRecord(stored)).toEqual(whole);
  });

  test('is compared with another item by item, with a smaller error than either', () => {
    const one = whole.tasks.find(({ task }) => task === 'nelbo');
    if (one === undefined) throw new Error('nelbo');
    const worse = {
      ...one,
      items: one.items.map((item) => ({ ...item, scores: { ...item.scores, nats: (item.scores['nats'] ?? 0) + 1 } })),
    };
    const { items, difference } = compareItems(one, worse, 'nats');
    expect(items).toHaveLength(2);
    expect(difference.value).toBeCloseTo(1, 12);
    expect(difference.standardError).toBeCloseTo(0, 12);
    // The second row of another data set is another item.
    const elsewhere = { ...one, items: one.items.map((item, i) => (i === 1 ? { ...item, target: 'x' } : item)) };
    expect(compareItems(one, elsewhere, 'nats').items).toHaveLength(1);
  });

  test('stops when told, and refuses a chat with a model that cannot', async () => {
    const stopped = evaluate(masked, planOf(tasks, settings), { settings, signal: AbortSignal.abort('enough') });
    await expect(stopped.next()).rejects.toBe('enough');
    const chat = { ...settings, chat: true };
    await expect(evaluate(masked, planOf(tasks, chat), { settings: chat }).next()).rejects.toThrow('no chat template');
  });
});
