/** The network's other parts with gradients as kernels of their own: fewer dispatches than tfjs, and a fixed order. */
import { gather, type Tensor, type Tensor2D, tensor1d } from '@tensorflow/tfjs-core';
import geluSource from '../../../shaders/gelu.wgsl?raw';
import gateSource from '../../../shaders/train_gate.wgsl?raw';
import gateGradientSource from '../../../shaders/train_gate_gradient.wgsl?raw';
import normSource from '../../../shaders/train_norm.wgsl?raw';
import normGradientSource from '../../../shaders/train_norm_gradient.wgsl?raw';
import normScaleSource from '../../../shaders/train_norm_scale.wgsl?raw';
import scatterSource from '../../../shaders/train_scatter.wgsl?raw';
import { custom } from '../gradients/custom.ts';
import { product, straight, turned } from './product.ts';
import { allocate, buffer, command, type Kernel, run } from './run.ts';

const scatter: Kernel = { name: 'train scatter', sources: [scatterSource] };
const normForward: Kernel = { name: 'train norm', sources: [normSource] };
const normGradient: Kernel = { name: 'train norm gradient', sources: [normGradientSource] };
const normScale: Kernel = { name: 'train norm scale', sources: [normScaleSource] };
const gateForward: Kernel = { name: 'train gate', sources: [geluSource, gateSource] };
const gateGradient: Kernel = { name: 'train gate gradient', sources: [gateGradientSource] };

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

/** Layer norm without a bias. */
export function norm(x: Tensor2D, scale: Tensor, eps: number): Tensor2D {
  const [rows, width] = x.shape;
  const constants = { WIDTH: width };
  return custom([x, scale], ([given, gain], save) => {
    const value: Tensor2D = allocate([rows, width]);
    const moments = allocate([rows, 2]);
    run(normForward, {
      constants: { ...constants, EPS: eps },
      bindings: [given, gain, value, moments],
      workgroups: [rows],
    });
    save([given, gain, moments]);
    const back = (dy: Tensor2D, saved: readonly Tensor[]) => {
      const [x, g, m] = saved as [Tensor, Tensor, Tensor];
      const dx = allocate([rows, width]);
      const dg = allocate([width]);
      run(normGradient, { constants, bindings: [x, g, m, dy, dx], workgroups: [rows] });
      run(normScale, { constants, params: [rows], bindings: [x, m, dy, dg], workgroups: [Math.ceil(width / 16)] });
      return [dx, dg];
    };
    return { value, back };
  });
}

/** GELU of the first half of the columns, times the second half. */
export function gate(both: Tensor2D): Tensor2D {
  const rows = both.shape[0];
  const width = both.shape[1] / 2;
  const constants = { WIDTH: width };
  const workgroups = [Math.ceil(width / 64), rows] as const;
  return custom([both], ([given], save) => {
    const value: Tensor2D = allocate([rows, width]);
    run(gateForward, { constants, bindings: [given, value], workgroups });
    save([given]);
    const back = (dy: Tensor2D, [x]: readonly Tensor[]) => {
      const dx = allocate([rows, 2 * width]);
      run(gateGradient, { constants, bindings: [x as Tensor, dy, dx], workgroups });
      return dx;
    };
    return { value, back };
  });
}
