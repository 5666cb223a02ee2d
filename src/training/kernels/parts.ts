/** The network's other parts with gradients as kernels of their own: fewer dispatches than tfjs, and a fixed order. */
import { add, gather, type Tensor, type Tensor1D, type Tensor2D, tensor1d } from '@tensorflow/tfjs-core';
import activateSource from '../../../shaders/train_activate.wgsl?raw';
import activateGradientSource from '../../../shaders/train_activate_gradient.wgsl?raw';
import activationSource from '../../../shaders/train_activation.wgsl?raw';
import columnSumsSource from '../../../shaders/train_column_sums.wgsl?raw';
import normSource from '../../../shaders/train_norm.wgsl?raw';
import normGradientSource from '../../../shaders/train_norm_gradient.wgsl?raw';
import normScaleSource from '../../../shaders/train_norm_scale.wgsl?raw';
import scatterSource from '../../../shaders/train_scatter.wgsl?raw';
import type { Activation, MlpSpec, Norm } from '../../model/arch.ts';
import { custom } from '../gradients/custom.ts';
import type { Frozen } from '../parameters.ts';
import { product, straight, turned } from './product.ts';
import { allocate, buffer, command, type Kernel, run } from './run.ts';

const scatter: Kernel = { name: 'train scatter', sources: [scatterSource] };
const normForward: Kernel = { name: 'train norm', sources: [normSource] };
const normGradient: Kernel = { name: 'train norm gradient', sources: [normGradientSource] };
const normScale: Kernel = { name: 'train norm scale', sources: [normScaleSource] };
const columnSums: Kernel = { name: 'train column sums', sources: [columnSumsSource] };
const activateForward: Kernel = { name: 'train activate', sources: [activationSource, activateSource] };
const activateGradient: Kernel = {
  name: 'train activate gradient',
  sources: [activationSource, activateGradientSource],
};

/** In the order of train_activation.wgsl. */
const ACTIVATIONS: readonly Activation[] = ['gelu', 'gelu-tanh', 'silu', 'relu'];

/** Rows `ids` of a table; the gradient adds them up without races. */
export function lookup(table: Tensor2D, ids: Int32Array): Tensor2D {
  const [rows, width] = table.shape;
  return custom([table], ([from]) => ({
    value: gather(from, tensor1d(ids, 'int32')) as Tensor2D,
    back: (dy) => addRows(dy, ids, rows, width),
  }));
}

/** `[rows, width]`: row i is the sum of those rows n of `values` whose `ids[n]` is i. */
export function addRows(values: Tensor2D, ids: Int32Array, rows: number, width: number): Tensor2D {
  const positions = Int32Array.from(ids.keys()).sort((a, b) => (ids[a] as number) - (ids[b] as number) || a - b);
  // As long as there could be, since tfjs keeps the buffers of every size that it ever met.
  const distinct = new Int32Array(ids.length);
  const starts = new Int32Array(ids.length + 1).fill(ids.length);
  let count = 0;
  for (const [i, position] of positions.entries()) {
    const id = ids[position] as number;
    if (count > 0 && distinct[count - 1] === id) continue;
    distinct[count] = id;
    starts[count++] = i;
  }
  const sums: Tensor2D = allocate([rows, width]);
  const cleared = buffer(sums);
  command((encoder) => encoder.clearBuffer(cleared));
  const lists = [distinct, starts, positions].map((list) => tensor1d(list, 'int32'));
  run(scatter, {
    constants: { WIDTH: width },
    bindings: [...lists, values, sums],
    workgroups: [count],
  });
  for (const list of lists) list.dispose();
  return sums;
}

/** a · b, with da = dy · bᵀ and db = aᵀ · dy. */
export function multiply(a: Tensor2D, b: Tensor2D): Tensor2D {
  const [rows, depth] = a.shape;
  const columns = b.shape[1];
  return custom([a, b], ([left, right], save) => {
    save([left, right]);
    const value: Tensor2D = allocate([rows, columns]);
    product({ rows, columns, depth }, straight(left, depth), straight(right, columns), value);
    const back = (dy: Tensor2D, [l, r]: readonly Tensor[]) => {
      const [dl, dr] = [allocate([rows, depth]), allocate([depth, columns])];
      product({ rows, columns: depth, depth: columns }, straight(dy, columns), turned(r as Tensor, columns), dl);
      product({ rows: depth, columns, depth: rows }, turned(l as Tensor, depth), straight(dy, columns), dr);
      return [dl, dr];
    };
    return { value, back };
  });
}

/** a · b of a matrix that does not learn, which is opened again for da = dy · bᵀ. */
export function multiplyFrozen(a: Tensor2D, b: Frozen): Tensor2D {
  const [rows] = a.shape;
  const [depth, columns] = b.shape;
  return custom([a], ([left]) => {
    const value: Tensor2D = allocate([rows, columns]);
    const right = b.open();
    product({ rows, columns, depth }, straight(left, depth), straight(right, columns), value);
    right.dispose();
    const back = (dy: Tensor2D) => {
      const dl: Tensor2D = allocate([rows, depth]);
      const again = b.open();
      product({ rows, columns: depth, depth: columns }, straight(dy, columns), turned(again, columns), dl);
      again.dispose();
      return dl;
    };
    return { value, back };
  });
}

/** Workgroups for so many rows, where more than 65,535 of them may not lie in one line; 32768 is the kernels' line. */
function spread(rows: number): [number, number] {
  return [Math.min(rows, 32_768), Math.ceil(rows / 32_768)];
}

/** A norm over the rows, with its shift where there is one. */
export function norm(spec: Norm, x: Tensor2D, scale: Tensor1D, bias: Tensor1D | undefined): Tensor2D {
  const scaled = scaledNorm(spec, x, scale);
  return bias === undefined ? scaled : shift(scaled, bias);
}

function scaledNorm({ kind, eps }: Norm, x: Tensor2D, scale: Tensor1D): Tensor2D {
  const [rows, width] = x.shape;
  const constants = { WIDTH: width, CENTRED: Number(kind === 'layer') };
  return custom([x, scale], ([given, gain], save) => {
    const value: Tensor2D = allocate([rows, width]);
    const moments = allocate([rows, 2]);
    run(normForward, {
      constants: { ...constants, EPS: eps },
      bindings: [given, gain, value, moments],
      workgroups: spread(rows),
    });
    save([given, gain, moments]);
    const back = (dy: Tensor2D, saved: readonly Tensor[]) => {
      const [x, g, m] = saved as [Tensor, Tensor, Tensor];
      const dx = allocate([rows, width]);
      const dg = allocate([width]);
      run(normGradient, { constants, bindings: [x, g, m, dy, dx], workgroups: spread(rows) });
      const workgroups = [Math.ceil(width / 16)] as const;
      run(normScale, { constants: { WIDTH: width }, params: [rows], bindings: [x, m, dy, dg], workgroups });
      return [dx, dg];
    };
    return { value, back };
  });
}

/** A bias in every row; its gradient is the sum of each column. */
export function shift(x: Tensor2D, bias: Tensor1D): Tensor2D {
  const [rows, width] = x.shape;
  return custom([x, bias], ([given, added]) => {
    const back = (dy: Tensor2D) => {
      const sums = allocate([width]);
      const workgroups = [Math.ceil(width / 16)] as const;
      run(columnSums, { constants: { WIDTH: width }, params: [rows], bindings: [dy, sums], workgroups });
      // A tensor of its own: tfjs frees gradients that it has added up.
      return [dy.clone(), sums];
    };
    return { value: add(given, added) as Tensor2D, back };
  });
}

/** An activation, of gated networks times the second half of the columns. */
export function activate(form: MlpSpec['form'], kind: Activation, x: Tensor2D): Tensor2D {
  const gated = form === 'gated';
  const rows = x.shape[0];
  const width = gated ? x.shape[1] / 2 : x.shape[1];
  const constants = { WIDTH: width, GATED: Number(gated), ACTIVATION: ACTIVATIONS.indexOf(kind) };
  const workgroups = [Math.ceil(width / 64), rows] as const;
  return custom([x], ([given], save) => {
    const value: Tensor2D = allocate([rows, width]);
    run(activateForward, { constants, bindings: [given, value], workgroups });
    save([given]);
    const back = (dy: Tensor2D, [saved]: readonly Tensor[]) => {
      const dx = allocate([...x.shape]);
      run(activateGradient, { constants, bindings: [saved as Tensor, dy, dx], workgroups });
      return dx;
    };
    return { value, back };
  });
}
