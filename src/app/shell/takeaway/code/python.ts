/**
 * A run as a few lines of Python for dLLM (github.com/ZHZisZZ/dllm): its MDLM sampler, or for blocks its BD3LM sampler, with
 * the same settings, where it has them (dllm/core/samplers/{mdlm,bd3lm}.py, dllm/core/schedulers/alpha.py; the way its
 * examples/llada/sample.py calls them).
 * What it has no counterpart for is said in a comment, never passed under a made-up name.
 */
import { parseTurns } from '../../../../diffusion/conversation.ts';
import { idleSettings } from '../../../../diffusion/idle-settings.ts';
import { type SamplerName, type ScheduleChoice, SETTINGS, type SettingName } from '../../../../diffusion/settings.ts';
import { SHIPPED } from '../../../../diffusion/shipped.ts';
import type { Trace } from '../../../../diffusion/trace.ts';
import { m } from '../../../messages/index.ts';
import { editsText } from '../../../trace/resume.ts';
import { type Comments, commented, notRepeated } from './notes.ts';
import { pythonString } from './quoted.ts';

/** Names of ours and of dLLM's MDLM sampler. */
const REMASKING: Partial<Record<SamplerName, string>> = { confidence: 'low_confidence', random: 'random' };
const SCHEDULERS: Partial<Record<ScheduleChoice, string>> = {
  linear: 'LinearAlphaScheduler',
  cosine: 'CosineAlphaScheduler',
};
/** Orders that dLLM has in a pipeline for models of another family. */
const ELSEWHERE: Partial<Record<SamplerName, 'dream' | 'fastdllm' | 'llada21'>> = {
  'maskgit-plus': 'dream',
  'topk-margin': 'dream',
  'dream-entropy': 'dream',
  threshold: 'fastdllm',
  factor: 'fastdllm',
  'token-editing': 'llada21',
};
/** Knobs of ours that its MDLM sampler lacks; the knobs of an order that it lacks go with the order. */
const LACKED: readonly SettingName[] = ['topK', 'topP', 'orderTemperature', 'cache'];

const python = (value: string | number | boolean) =>
  typeof value === 'boolean'
    ? value
      ? 'True'
      : 'False'
    : typeof value === 'string'
      ? pythonString(value)
      : String(value);

export function pythonOf(trace: Trace, branched: boolean): string {
  const { settings } = trace;
  const { mode, length, block, steps, temperature, guidance, stochastic, seed, ends, exact } = settings;
  const fill = mode === 'fill';
  const scheduler = SCHEDULERS[settings.schedule] ?? 'LinearAlphaScheduler';
  // Which continues only, and suppresses nothing.
  const byBlocks = settings.process === 'blocks' && !fill;
  const sampler = byBlocks ? 'BD3LM' : 'MDLM';
  const suppressed = [...(exact ? [] : ['tokenizer.mask_token_id']), ...(ends === 'never' ? ['*ends'] : [])];
  const config = [
    ...(fill ? [] : [['max_new_tokens', python(length)]]),
    ['steps', python(steps)],
    ['block_size', block === 0 ? (fill ? 'None' : python(length)) : python(block)],
    ['temperature', python(temperature)],
    ['remasking', python(REMASKING[settings.sampler] ?? 'low_confidence')],
    ['cfg_scale', python(guidance)],
    ['stochastic_transfer', python(stochastic)],
    ...(suppressed.length > 0 && !byBlocks ? [['suppress_tokens', `[${suppressed.join(', ')}]`]] : []),
    ...(ends === 'late' && !byBlocks ? [['begin_suppress_tokens', 'ends']] : []),
  ];
  return `${commented(comments(trace, branched), '#')}
import dllm
import transformers

transformers.set_seed(${seed})
model_args = dllm.utils.ModelArguments(model_name_or_path=${python(pathOf(settings.model))})
model = dllm.utils.get_model(model_args=model_args).eval()
tokenizer = dllm.utils.get_tokenizer(model_args=model_args)
sampler = dllm.core.samplers.${sampler}Sampler(
    model=model,
    tokenizer=tokenizer,
    scheduler=dllm.core.schedulers.${scheduler}(),
)
${ends === 'off' || byBlocks ? '' : 'ends = sorted({tokenizer.pad_token_id, tokenizer.eos_token_id})\n'}config = dllm.core.samplers.${sampler}SamplerConfig(
${config.map(([name, value]) => `    ${name}=${value},`).join('\n')}
)
${inputsOf(trace)}
outputs = sampler.${fill ? 'infill' : 'sample'}(inputs, config, return_dict=True)
print(${
    mode === 'chat'
      ? 'dllm.utils.sample_trim(tokenizer, outputs.sequences.tolist(), inputs)[0].strip()'
      : 'tokenizer.decode(outputs.sequences[0])'
  })
`;
}

function pathOf(model: string): string {
  return SHIPPED.includes(model) ? `public/models/${model}` : model;
}

function inputsOf({ settings: { mode, prompt, system, turns } }: Trace): string {
  if (mode !== 'chat') {
    // The mask of our prompts is written as most tokenizers write it.
    const text = mode === 'fill' ? `${python(prompt)}.replace("[MASK]", tokenizer.mask_token)` : python(prompt);
    return `inputs = tokenizer([${text}], add_special_tokens=False)["input_ids"]`;
  }
  const message = (role: string, content: string) => `    {"role": "${role}", "content": ${python(content)}},\n`;
  const messages = [
    ...(system.trim() === '' ? [] : [message('system', system)]),
    ...parseTurns(turns).flatMap(({ question, answer }) => [message('user', question), message('assistant', answer)]),
    message('user', prompt),
  ];
  return `messages = [\n${messages.join('')}]\ninputs = tokenizer.apply_chat_template([messages], add_generation_prompt=True, tokenize=True)`;
}

function comments(trace: Trace, branched: boolean): Comments {
  const { settings } = trace;
  const words = m.takeaway.code;
  const notes: Comments = [...words.python, ...notRepeated(trace, branched)];
  if (SHIPPED.includes(settings.model)) notes.push(words.shippedModel);
  if (settings.temperature > 0 || settings.sampler === 'random' || settings.stochastic) notes.push(words.otherChance);
  const order = m.samplers[settings.sampler][0];
  const elsewhere = ELSEWHERE[settings.sampler];
  if (!REMASKING[settings.sampler]) {
    notes.push(words.noOrder(order));
    if (elsewhere) notes.push(words.elsewhere[elsewhere]);
  }
  const planned = !idle(trace, 'schedule');
  if (planned && !SCHEDULERS[settings.schedule]) notes.push(words.noSchedule(m.schedules[settings.schedule][0]));
  const lacked = LACKED.filter((name) => !idle(trace, name) && settings[name] !== SETTINGS[name].default);
  // The table's own top-p is not dLLM's: all that counts is whether it cuts anything.
  if (!lacked.includes('topP') && !idle(trace, 'topP') && settings.topP < 1) lacked.push('topP');
  const labels = m.settings as Partial<Record<SettingName, readonly [string, string]>>;
  if (editsText(settings)) notes.push(words.lacked(m.processes.edits[0]));
  else if (settings.process === 'blocks' && settings.mode === 'fill') notes.push(words.lacked(m.processes.blocks[0]));
  if (lacked.length > 0) {
    notes.push(words.lacked(lacked.map((name) => `${labels[name]?.[0] ?? name} ${settings[name]}`).join(', ')));
  }
  return notes;
}

function idle(trace: Trace, name: SettingName): boolean {
  return idleSettings(trace.settings).some(({ setting }) => setting === name);
}
