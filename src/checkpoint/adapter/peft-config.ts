/**
 * adapter_config.json as PEFT writes it (peft/tuners/lora/config.py, 0.21): read into a `LoraSpec`, and written. What it
 * can say is done or refused by name, before any tensor is looked at.
 */
import { expressionOf, type LoraSpec, type Targets } from '../../model/lora.ts';
import { said, type Text } from '../../text/said.ts';
import { damaged, isObject, type Json, parseObject, quote } from '../damage.ts';
import { guarded } from '../guard.ts';

export const ADAPTER_CONFIG_FILE = 'adapter_config.json';

export interface AdapterConfig {
  readonly spec: LoraSpec;
  /** `base_model_name_or_path`, or empty. */
  readonly base: string;
}

/** Keys that say nothing about what is computed with finished tensors. */
const SAYS_NOTHING = new Set([
  ...['peft_version', 'auto_mapping', 'base_model_name_or_path', 'revision', 'task_type', 'inference_mode'],
  ...['runtime_config', 'megatron_core', 'qalora_group_size', 'fan_in_fan_out', 'eva_config'],
]);

/** Keys that are read below. */
const READ = new Set([
  ...['peft_type', 'r', 'lora_alpha', 'lora_dropout', 'use_rslora', 'bias', 'target_modules', 'modules_to_save'],
  ...['layers_to_transform', 'layers_pattern', 'rank_pattern', 'alpha_pattern', 'init_lora_weights', 'exclude_modules'],
]);

/** Starts that leave the base as it is. The others (PiSSA, OLoRA, CorDA, LoftQ) change it, so the adapter fits no published base. */
const PLAIN_STARTS = [true, false, 'gaussian', 'eva', 'orthogonal'];

/** Longest expression that is tried on names. */
const LONGEST = 2000;

/** Throws `UnmaskError` code `checkpoint`. */
export function parseAdapterConfig(bytes: Uint8Array): AdapterConfig {
  const json = parseObject(ADAPTER_CONFIG_FILE, bytes);
  const type = json['peft_type'];
  if (type !== 'LORA') {
    throw refused(said`The adapter is of the kind ${quote(type ?? null)}; Unmask runs LORA adapters.`);
  }
  if (json['use_dora'] === true) throw refused('The adapter is a DoRA; Unmask runs LoRA without it.');
  for (const [key, value] of Object.entries(json)) {
    if (SAYS_NOTHING.has(key) || READ.has(key) || isEmpty(value)) continue;
    throw refused(said`The adapter asks for ${key} = ${quote(value)}, which Unmask does not compute.`);
  }
  const start = json['init_lora_weights'] ?? true;
  if (!PLAIN_STARTS.includes(start as boolean | string)) {
    throw refused(said`The adapter began as ${quote(start)}, which changes the base model as well.`);
  }
  const base = json['base_model_name_or_path'];
  return { spec: specOf(json), base: typeof base === 'string' ? base : '' };
}

function specOf(json: Json): LoraSpec {
  const rank = whole('r', json['r'] ?? 8);
  const alpha = number('lora_alpha', json['lora_alpha'] ?? 8);
  const bias = json['bias'] ?? 'none';
  if (bias !== 'none' && bias !== 'all' && bias !== 'lora_only') throw wrong('bias', bias);
  const spec: LoraSpec = {
    rank,
    alpha,
    rsLora: json['use_rslora'] === true,
    dropout: number('lora_dropout', json['lora_dropout'] ?? 0),
    bias,
    saved: names('modules_to_save', json['modules_to_save']) ?? [],
    targets: targetsOf(json),
  };
  // An expression that is none, or that takes too long, shows itself now.
  guarded(() => checkExpressions(spec.targets), ADAPTER_CONFIG_FILE);
  return spec;
}

function targetsOf(json: Json): Targets {
  const targets = named('target_modules', json['target_modules']);
  if (targets === undefined) throw wrong('target_modules', json['target_modules'] ?? null);
  const except = named('exclude_modules', json['exclude_modules']);
  const layers = json['layers_to_transform'] ?? undefined;
  const pattern = json['layers_pattern'] ?? undefined;
  const list = layers === undefined ? undefined : [layers].flat();
  if (list?.some((each) => !Number.isInteger(each))) throw wrong('layers_to_transform', layers);
  return {
    names: 'expression' in targets && targets.expression === 'all-linear' ? 'all-linear' : targets,
    except,
    layers: list as number[] | undefined,
    layersPattern: pattern === undefined ? undefined : names('layers_pattern', [pattern].flat()),
    rankPattern: patterns('rank_pattern', json['rank_pattern'], (value) => whole('rank_pattern', value)),
    alphaPattern: patterns('alpha_pattern', json['alpha_pattern'], (value) => number('alpha_pattern', value)),
  };
}

function checkExpressions({ names: wanted, except, rankPattern, alphaPattern, layersPattern = [] }: Targets): void {
  const expressions = [wanted, except].flatMap((each) =>
    typeof each === 'object' && 'expression' in each ? [each.expression] : [],
  );
  const all = [...expressions, ...layersPattern, ...(rankPattern?.keys() ?? []), ...(alphaPattern?.keys() ?? [])];
  for (const expression of all) {
    if (expression.length > LONGEST) throw wrong('target_modules', expression);
    try {
      expressionOf(`(?:.*\\.)?(?:${expression})`).test('model.layers.0.attn.Wqkv');
    } catch (cause) {
      const message = said`${quote(expression)} in ${ADAPTER_CONFIG_FILE} is no expression that can be matched.`;
      throw damaged(ADAPTER_CONFIG_FILE, message, { cause });
    }
  }
}

/** What PEFT's LoraConfig writes for a plain LoRA; `base`: what it was trained on. */
export function writeAdapterConfig({ spec, base }: AdapterConfig): Json {
  const { targets, rank, alpha, rsLora, dropout, bias, saved } = spec;
  const { names: wanted, except, layers, layersPattern, rankPattern, alphaPattern } = targets;
  const written = (of: NonNullable<Targets['except']>) => ('expression' in of ? of.expression : of);
  return {
    peft_type: 'LORA',
    base_model_name_or_path: base,
    task_type: null,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    use_rslora: rsLora,
    use_dora: false,
    fan_in_fan_out: false,
    init_lora_weights: true,
    bias,
    target_modules: wanted === 'all-linear' ? wanted : written(wanted),
    exclude_modules: except === undefined ? null : written(except),
    modules_to_save: saved.length > 0 ? saved : null,
    layers_to_transform: layers ?? null,
    layers_pattern: layersPattern ?? null,
    rank_pattern: Object.fromEntries(rankPattern ?? []),
    alpha_pattern: Object.fromEntries(alphaPattern ?? []),
  };
}

function named(key: string, value: unknown): readonly string[] | { readonly expression: string } | undefined {
  return typeof value === 'string' ? { expression: value } : names(key, value);
}

function names(key: string, value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw wrong(key, value);
}

function patterns<T>(key: string, value: unknown, read: (value: unknown) => T): ReadonlyMap<string, T> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrong(key, value);
  const found = Object.entries(value);
  return found.length === 0 ? undefined : new Map(found.map(([name, each]) => [name, read(each)]));
}

function whole(key: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) <= 65_536) return value as number;
  throw wrong(key, value);
}

function number(key: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw wrong(key, value);
}

/** Whether a key of another version of PEFT asks for nothing. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === false) return true;
  return typeof value === 'object' && Object.keys(value as object).length === 0;
}

function wrong(key: string, value: unknown) {
  return damaged(
    ADAPTER_CONFIG_FILE,
    said`${key} in ${ADAPTER_CONFIG_FILE} is ${quote(value)}, which means nothing here.`,
  );
}

function refused(message: Text) {
  return damaged(ADAPTER_CONFIG_FILE, message, {
    remedy: 'Merge it into its base model with PEFT, and open the merged model.',
  });
}
