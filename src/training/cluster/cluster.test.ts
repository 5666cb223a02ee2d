import { expect, test } from 'vitest';
import type { Described } from '../../model/families/index.ts';
import { divide, openStart } from '../start.ts';
import { defaultTrainSettings, type TrainSettings } from '../train-settings.ts';
import { clusterFiles } from './files.ts';
import { recipeOf } from './recipe.ts';

const TEXTS = Array.from(
  { length: 12 },
  (_, i) => `Once upon a time there were ${i + 2} cats, and they had a red ball.`,
);
const run = (own: Partial<TrainSettings>): TrainSettings => ({ ...defaultTrainSettings(), ...own });
const read = (files: ReadonlyMap<string, Uint8Array>, path: string) => new TextDecoder().decode(files.get(path));

test('the folder holds what the run says: settings, texts of both sides, network, tokenizer, launchers', async () => {
  const settings = run({
    init: 'fresh',
    rows: 'documents',
    schedule: 'cosine',
    batch: 4,
    accumulation: 3,
    lr: 2e-4,
    decay: 'linear',
    normalisation: 'sequence',
    heldOut: 0.3,
    length: 32,
  });
  const split = divide(settings, TEXTS);
  const start = await openStart(settings, split.train, 'fresh');
  const files = await clusterFiles({ name: 'cats', settings, start, split, begunAt: 0 });
  const recipe = JSON.parse(read(files, 'recipe.json'));
  expect(recipe).toMatchObject({
    objective: 'mdlm',
    scheduler: 'CosineAlphaScheduler',
    rows_per_step: 12,
    rows_per_pass: 4,
    trainer: { learning_rate: 2e-4, lr_scheduler_type: 'linear', loss_norm_type: 'sequence', time_epsilon: 0.001 },
    adapter: {},
    data: { rows: 'documents', length: 32, padding: 'learnt' },
  });
  const sides = ['train', 'held-out'].map((part) => read(files, `texts/${part}.jsonl`).trim().split('\n'));
  expect(
    sides
      .flat()
      .map((line) => JSON.parse(line).text)
      .sort(),
  ).toEqual([...TEXTS].sort());
  expect(sides[1]).toHaveLength(split.heldOut.length);
  const tokens = JSON.parse(read(files, 'model/tokenizer_config.json'));
  expect(tokens).toMatchObject({ mask_token: '[MASK]', pad_token: '[PAD]' });
  expect(JSON.parse(read(files, 'model/config.json'))).toMatchObject({ model_type: 'modernbert' });
  expect(files.get('model/model.safetensors')?.length).toBeGreaterThan(4 * start.model.weights.parameters);
  for (const path of ['train.py', 'prepare.py', 'zero2.yaml', 'fsdp.yaml', 'job.slurm', 'requirements.txt'])
    expect(read(files, path)).not.toBe('');
  expect(read(files, 'README.md')).toContain('| lr | 0.0002 |');
}, 30_000);

test('adapters and four bits have dLLM’s flags, and what it lacks is said', async () => {
  const arch = { arch: { ids: { mask: 4, pad: 0, sep: 3 }, logitShift: 0 }, modelType: 'bert' } as unknown as Described;
  const nf4 = recipeOf(
    run({ adapter: 'lora', rank: 8, alpha: 16, bits: 'nf4', rsLora: 'on', init: 'some/model' }),
    arch,
  );
  expect(nf4.adapter).toEqual({
    lora: true,
    r: 8,
    lora_alpha: 16,
    lora_dropout: 0,
    target_modules: 'all-linear',
    load_in_4bit: true,
  });
  expect(nf4.differs.join()).toMatch(/rank-stabilised.*double quantisation/);
  const rates = recipeOf(run({ objective: 'ten-rates' }), arch);
  expect(rates).toMatchObject({ objective: 'mdlm', trainer: { loss_weight_type: 'uniform' } });
  expect(rates.differs.join()).toContain('ten rates are not there');
  for (const objective of ['vrpo', 'edits', 'next-token'] as const)
    expect(() => recipeOf(run({ objective }), arch)).toThrow(objective);
  expect(recipeOf(run({ objective: 'bd3lm', block: 8 }), arch).trainer).toMatchObject({ block_size: 8 });
});
