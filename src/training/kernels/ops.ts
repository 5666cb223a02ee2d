/** The network's parts on WebGPU: own kernels where they fit the model, the plain forms elsewhere. */
import { multiply as anyMultiply, WITH_GRADIENTS } from '../gradients/plain.ts';
import { type Ops, attention as plainAttention } from '../modernbert.ts';
import { attention, fitsAttention } from './attention.ts';
import { gate, lookup, multiply, norm } from './parts.ts';

export const ON_WEBGPU: Ops = {
  lookup,
  multiply,
  gate,
  norm: (x, scale, bias, eps) => (bias === undefined ? norm(x, scale, eps) : WITH_GRADIENTS.norm(x, scale, bias, eps)),
  attention: (spec, geometry, qkv) =>
    fitsAttention(spec) ? attention(spec, geometry, qkv) : plainAttention(spec, geometry, qkv, anyMultiply),
};
