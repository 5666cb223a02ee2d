/** The folder that goes onto a cluster: recipe, scripts, texts, starting weights and tokenizer, launchers. */
import { parseObject } from '../../checkpoint/damage.ts';
import { toFloat32 } from '../../checkpoint/half.ts';
import { readMessages } from '../data/conversations.ts';
import type { Split } from '../data/split.ts';
import { modelFiles, utf8 } from '../model-files.ts';
import type { Start } from '../start.ts';
import { TRAIN_SETTING_NAMES, TRAIN_SETTINGS, type TrainSettings } from '../train-settings.ts';
import prepareScript from './prepare.py?raw';
import { DLLM_COMMIT, type Recipe, recipeOf } from './recipe.ts';
import trainScript from './train.py?raw';

export interface ClusterRun {
  readonly name: string;
  readonly settings: TrainSettings;
  readonly start: Start;
  readonly split: Split;
  /** Steps that the starting weights have behind them; more than 0 where those of the beginning are not kept. */
  readonly begunAt: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Files by path. Throws `UnmaskError` code `settings` where dLLM has no counterpart. */
export async function clusterFiles({ name, settings, start, split, begunAt }: ClusterRun): Promise<Map<string, Bytes>> {
  const { model, around } = start;
  const recipe = recipeOf(settings, model);
  const weights = new Map<string, Float32Array>();
  for (const [tensor, { dtype }] of model.weights.tensors) {
    weights.set(tensor, toFloat32(await model.weights.read(tensor), dtype));
  }
  const files = new Map<string, Bytes>();
  const write = (path: string, text: string) => files.set(path, utf8(text));
  write('README.md', readme(name, settings, recipe, begunAt));
  write('recipe.json', `${JSON.stringify(recipe, undefined, 1)}\n`);
  write('train.py', trainScript);
  write('prepare.py', prepareScript);
  write('requirements.txt', requirements(recipe));
  for (const [path, text] of Object.entries(LAUNCHERS)) write(path, text);
  for (const [part, texts] of Object.entries({ train: split.train, 'held-out': split.heldOut })) {
    if (texts.length > 0) write(`texts/${part}.jsonl`, linesOf(texts, settings.rows === 'chats'));
  }
  const arch = { ...model.arch, tied: !weights.has('decoder') };
  for (const [path, bytes] of modelFiles(around, arch, weights, '')) {
    if (path !== 'README.md') files.set(`model/${path}`, bytes);
  }
  const config = files.get('model/tokenizer_config.json');
  files.set('model/tokenizer_config.json', utf8(withSpecialTokens(config, start)));
  return files;
}

function linesOf(texts: readonly string[], chats: boolean): string {
  const row = (text: string) => (chats ? { messages: readMessages(text) } : { text });
  return texts.map((text) => `${JSON.stringify(row(text))}\n`).join('');
}

/** transformers learns from this file which tokens are special; not every model of ours has one. */
function withSpecialTokens(bytes: Bytes | undefined, { model: { arch, tokenizer } }: Start): string {
  const given = bytes ? parseObject('tokenizer_config.json', bytes) : {};
  const { mask, pad, sep, eos, cls, bos } = arch.ids;
  const roles = { mask_token: mask, pad_token: pad, sep_token: sep, eos_token: eos, cls_token: cls, bos_token: bos };
  const known = Object.entries(roles).flatMap(([role, id]) =>
    id === undefined ? [] : [[role, tokenizer.decode([id], { keepSpecial: true })] as const],
  );
  const all = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(known),
    ...given,
  };
  return `${JSON.stringify(all, undefined, 1)}\n`;
}

function requirements({ adapter }: Recipe): string {
  const quantised = 'load_in_4bit' in adapter ? 'bitsandbytes==0.48.1\n' : '';
  // Its package names neither, though it imports both.
  return `lm_eval\ntrl\ndllm @ git+https://github.com/ZHZisZZ/dllm@${DLLM_COMMIT}\n${quantised}`;
}

/** For `accelerate launch --config_file`. */
const COMMON = `compute_environment: LOCAL_MACHINE
machine_rank: 0
main_training_function: main
num_machines: 1
rdzv_backend: static
same_network: true
`;
const LAUNCHERS: Readonly<Record<string, string>> = {
  'zero2.yaml': `# DeepSpeed: gradients and moments are shared out, weights are on every card.
${COMMON}distributed_type: DEEPSPEED
deepspeed_config:
  zero_stage: 2
  offload_optimizer_device: none
  offload_param_device: none
  deepspeed_multinode_launcher: standard
num_processes: 8
`,
  'fsdp.yaml': `# FSDP: weights are shared out, too, for models that no card holds whole.
${COMMON}distributed_type: FSDP
fsdp_config:
  fsdp_version: 1
  fsdp_sharding_strategy: FULL_SHARD
  fsdp_auto_wrap_policy: TRANSFORMER_BASED_WRAP
  fsdp_state_dict_type: FULL_STATE_DICT
  fsdp_use_orig_params: true
  fsdp_sync_module_states: true
  fsdp_cpu_ram_efficient_loading: true
mixed_precision: bf16
num_processes: 8
`,
  'job.slurm': `#!/bin/bash
#SBATCH --job-name=unmask
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gres=gpu:8
#SBATCH --cpus-per-task=32
#SBATCH --time=1-00:00:00
#SBATCH --output=%x-%j.log
# sbatch job.slurm [zero2.yaml|fsdp.yaml] [options of train.py]; partition and account are your cluster's.
set -euo pipefail
config=\${1:-zero2.yaml}
shift || true
cards=\${SLURM_GPUS_ON_NODE:-8}
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
[ -d rows ] || python prepare.py
srun bash -c 'accelerate launch --config_file "$0" --num_machines "$SLURM_NNODES" --machine_rank "$SLURM_PROCID" \\
  --num_processes "$1" --main_process_ip "$2" --main_process_port "$3" --rdzv_backend c10d train.py "\${@:4}"' \\
  "$config" "$((SLURM_NNODES * cards))" "$first" "$((20000 + SLURM_JOB_ID % 10000))" "$@"
`,
};

function readme(name: string, settings: TrainSettings, recipe: Recipe, begunAt: number): string {
  const rows = TRAIN_SETTING_NAMES.map((key) => {
    const { key: short, format } = TRAIN_SETTINGS[key];
    return `| ${short} | ${(format as (value: unknown) => string)(settings[key]).replaceAll('|', '\\|')} |`;
  });
  const from =
    begunAt === 0
      ? 'the weights that the run began with'
      : `the weights after ${begunAt} steps of the run, since those of its beginning are not kept`;
  return `# ${name}, on many cards

What this run of Unmask trains, for dLLM. The folder holds its texts, ${from}, the tokenizer, and every setting.

    pip install -r requirements.txt
    python prepare.py                                        # texts to rows; --train FILE for more texts
    accelerate launch --config_file zero2.yaml train.py      # DeepSpeed, eight cards
    accelerate launch --config_file fsdp.yaml train.py       # FSDP
    sbatch job.slurm zero2.yaml                              # Slurm; --nodes=2 and more are shared out by themselves
    ACCELERATE_USE_CPU=true torchrun --nproc-per-node 2 train.py --steps 20    # two processes without cards, to try it

A step has ${recipe.rows_per_step} rows, on however many cards: \`--rows-per-card\` says how many of them one sees at once, the
others follow before the step is made. \`out/final\` is a model in Hugging Face layout, which Unmask opens.

## Not as here

${recipe.differs.map((sentence) => `- ${sentence[0]?.toUpperCase()}${sentence.slice(1)}`).join('\n')}

## The settings of the run

| setting | value |
|---|---|
${rows.join('\n')}
`;
}
