/** The README of a trained model: what it started from, the recipe, and what was measured. */

import type { Model } from '../checkpoint/model.ts';
import { isCausal } from '../model/arch.ts';
import type { Progress } from './run-files.ts';
import type { Material } from './start.ts';
import { TRAIN_SETTING_NAMES, TRAIN_SETTINGS, type TrainSettings } from './train-settings.ts';

export function cardOf(
  settings: TrainSettings,
  { arch, modelType, weights }: Pick<Model, 'arch' | 'modelType' | 'weights'>,
  { train, heldOut, references }: Material,
  { step, tokens, milliseconds, evaluations }: Progress,
): string {
  const whole = (value: number) => value.toLocaleString('en');
  const rows = TRAIN_SETTING_NAMES.map((name) => {
    const text = (TRAIN_SETTINGS[name].format as (value: unknown) => string)(settings[name]);
    return `| ${TRAIN_SETTINGS[name].key} | ${text.replaceAll('|', '\\|')} |`;
  });
  const blocks = settings.objective === 'bd3lm' ? ` of blocks of ${settings.block}` : '';
  const edits = settings.objective === 'edits';
  const likelihood = isCausal(arch) ? 'NLL, nats per token' : `NELBO${blocks}, nats per token (exact-count estimate)`;
  const what = edits ? 'loss of the Edit Flow, per token of the right text' : likelihood;
  const measured = evaluations.map(({ step: at, nelbo, standardError }) => {
    const perplexity = edits ? '' : ` ${Math.exp(nelbo).toFixed(1)} |`;
    return `| ${at} | ${nelbo.toFixed(4)} ± ${Number.isFinite(standardError) ? standardError?.toFixed(4) : '?'} |${perplexity}`;
  });
  return [
    '---',
    'library_name: transformers',
    'tags:',
    ...(isCausal(arch) ? [] : [edits ? '- edit-flow' : '- masked-diffusion']),
    `- ${modelType}`,
    '---',
    '',
    `# ${settings.init === 'fresh' || settings.forget ? 'A model trained from scratch' : `${settings.init}, trained further`} with Unmask`,
    '',
    `${whole(weights.parameters)} parameters: width ${arch.width}, ${arch.layers.length} layers, ${arch.layers[0]?.attention.heads} heads, ${whole(arch.vocab)} tokens. Float32.`,
    '',
    `Trained for ${whole(step)} steps on ${whole(tokens)} tokens (padding and masks included) in ${Math.round(milliseconds / 1000)} s of steps. The training data has ${whole(train.tokens)} tokens in ${whole(train.count)} rows of ${train.length}; ${whole(heldOut.count)} rows are held out.`,
    '',
    '## Measured on held-out rows',
    '',
    `The same ${whole(Math.min(settings.evalTexts, heldOut.count))} rows each time; ± is the standard error.${edits ? '' : ` For comparison: a uniform guess costs ${references.uniform.toFixed(3)} nats, one by token frequency ${references.unigram.toFixed(3)}.`}`,
    '',
    edits ? `| steps | ${what} |` : `| steps | ${what} | perplexity ${isCausal(arch) ? '' : '≤ '}|`,
    edits ? '|---|---|' : '|---|---|---|',
    ...measured,
    '',
    '## Recipe',
    '',
    '| setting | value |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
}
