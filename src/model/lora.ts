/**
 * LoRA (arXiv 2106.09685): W becomes W + s · B A with A `[rank, in]` and B `[out, rank]`; s = alpha / rank, or
 * alpha / √rank (rsLoRA, arXiv 2312.03732). Which modules have one is told as PEFT tells it (peft/tuners/lora/config.py and
 * tuners/tuners_utils.py, 0.21).
 */
import { isLinear, type Module } from './modules.ts';

export interface LoraSpec {
  readonly rank: number;
  readonly alpha: number;
  readonly rsLora: boolean;
  /** Chance that an element of what A reads is left out while learning. */
  readonly dropout: number;
  readonly targets: Targets;
  /** Modules that learn whole and are kept with the adapter, by suffix. */
  readonly saved: readonly string[];
  /** Biases that learn: none, all of the network, or those of the modules that have a low rank. */
  readonly bias: 'none' | 'all' | 'lora_only';
}

export interface Targets {
  /** Names or suffixes of names; an expression for the whole name; or every linear module but the output. */
  readonly names: readonly string[] | { readonly expression: string } | 'all-linear';
  /** Left out again, as the names are told. */
  readonly except?: readonly string[] | { readonly expression: string } | undefined;
  /** Numbers of layers, and where they stand in a name; all unless told. */
  readonly layers?: readonly number[] | undefined;
  readonly layersPattern?: readonly string[] | undefined;
  /** By name, suffix or expression. */
  readonly rankPattern?: ReadonlyMap<string, number> | undefined;
  readonly alphaPattern?: ReadonlyMap<string, number> | undefined;
}

/** A low rank on one module. */
export interface LowRankPlace {
  readonly module: Module;
  readonly rank: number;
  /** s. */
  readonly scale: number;
}

/** The modules that get a low rank, in their order. Throws `SyntaxError` for an expression that is none. */
export function placesOf(spec: Pick<LoraSpec, 'rank' | 'alpha' | 'rsLora' | 'targets'>, modules: readonly Module[]) {
  return modules.filter((module) => isTarget(spec.targets, module)).map((module) => placeOf(spec, module));
}

export function placeOf(
  { rank: usual, alpha: usualAlpha, rsLora, targets }: Pick<LoraSpec, 'rank' | 'alpha' | 'rsLora' | 'targets'>,
  module: Module,
): LowRankPlace {
  const rank = byPattern(targets.rankPattern, module.name) ?? usual;
  const alpha = byPattern(targets.alphaPattern, module.name) ?? usualAlpha;
  return { module, rank, scale: alpha / (rsLora ? Math.sqrt(rank) : rank) };
}

function isTarget({ names, except, layers, layersPattern = [] }: Targets, module: Module): boolean {
  const { name, kind } = module;
  if (kind !== 'table' && !isLinear(module)) return false;
  if (except && isNamed(except, name)) return false;
  if (names === 'all-linear') return kind === 'matrix';
  if (!isNamed(names, name)) return false;
  if (layers === undefined) return true;
  const before = layersPattern.length === 0 ? ['[^.]*'] : layersPattern;
  const number = before.map((pattern) => new RegExp(`^.*\\.${pattern}\\.(\\d+)\\.`).exec(name)?.[1]).find(Boolean);
  return number !== undefined && layers.includes(Number(number));
}

/** By whole name or suffix, or by an expression that the whole name is. */
export function isNamed(names: readonly string[] | { readonly expression: string }, name: string): boolean {
  if ('expression' in names) return expressionOf(names.expression).test(name);
  return names.some((each) => name === each || name.endsWith(`.${each}`));
}

/** The first pattern that is the name or its end decides. */
function byPattern(patterns: ReadonlyMap<string, number> | undefined, name: string): number | undefined {
  for (const [pattern, value] of patterns ?? []) if (expressionOf(`(?:.*\\.)?(?:${pattern})`).test(name)) return value;
  return undefined;
}

/** That a whole name is this expression. PEFT's are Python's, whose named groups are written otherwise. Throws `SyntaxError`. */
export function expressionOf(expression: string): RegExp {
  return new RegExp(`^(?:${expression.replaceAll('(?P<', '(?<').replace(/[(][?]P=(\w+)[)]/g, '\\k<$1>')})$`);
}
