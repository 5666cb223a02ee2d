/** The modules of a network as PyTorch names them: what an adapter may be put on, or may replace. */
import { type Described, tensorsOf } from './families/index.ts';
import { type ParameterKind, parameters } from './parameters.ts';

export interface Module {
  /** Such as `model.layers.0.attn.Wqkv`. */
  readonly name: string;
  readonly kind: ParameterKind;
  /** The parameter that holds its weight, and from which row on; several modules may be stacked in one. */
  readonly parameter: string;
  readonly first: number;
  /** `[out, in]`, or `[rows, width]` of a table. */
  readonly rows: number;
  readonly columns: number;
  /** Its bias, where it has one, begins in this parameter at the same row. */
  readonly bias: string | undefined;
  /** Makes the logits; PEFT's `all-linear` leaves it out. */
  readonly output: boolean;
}

/** In the order of `parameters`. A tied decoder is no module of its own. */
export function modulesOf(described: Described): readonly Module[] {
  const kinds = new Map(parameters(described.arch).map(({ name, kind }) => [name, kind]));
  return tensorsOf(described).flatMap(({ name: parameter, parts }) => {
    const kind = kinds.get(parameter) as ParameterKind;
    if (kind === 'bias') return [];
    const bias = kinds.has(`${parameter}.bias`) ? `${parameter}.bias` : undefined;
    let first = 0;
    return parts.map(({ name, shape }): Module => {
      const [rows = 0, columns = 1] = shape;
      const module = { name: name.replace(/[.][^.]+$/, ''), kind, parameter, first, rows, columns, bias };
      first += rows;
      return { ...module, output: parameter === 'decoder' };
    });
  });
}

/** Whether a low rank can be added to it as to `nn.Linear`. */
export function isLinear({ kind, output }: Pick<Module, 'kind' | 'output'>): boolean {
  return kind === 'matrix' || output;
}
