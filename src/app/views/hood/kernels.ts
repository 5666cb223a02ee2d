/** Which WGSL files make up a kernel, its own first, and where its plain twin is. Good to read in this order. */
import type { Messages } from '../../messages/index.ts';

export type KernelName = keyof Messages['hood']['kernels']['names'];

export interface KernelFiles {
  readonly name: KernelName;
  /** Without folder and ending. */
  readonly shaders: readonly [string, ...string[]];
  /** From `src/`. */
  readonly twin: string;
}

export const KERNELS: readonly KernelFiles[] = [
  { name: 'norm', shaders: ['norm', 'norm_rows'], twin: 'engine/kernels/norm.ts' },
  { name: 'embed', shaders: ['embed', 'norm', 'weights'], twin: 'engine/kernels/embed.ts' },
  { name: 'gelu', shaders: ['gelu'], twin: 'engine/kernels/gelu.ts' },
  { name: 'weights', shaders: ['weights'], twin: 'engine/pack.ts' },
  {
    name: 'matmul',
    shaders: ['matmul', 'matmul_plain', 'matmul_staged', 'matmul_subgroup', 'matmul_half', 'epilogue'],
    twin: 'engine/kernels/matmul.ts',
  },
  {
    name: 'attention',
    shaders: ['attention', 'attention_tiled', 'attention_subgroup'],
    twin: 'engine/kernels/attention.ts',
  },
  { name: 'threefry', shaders: ['threefry'], twin: 'diffusion/rng.ts' },
  {
    name: 'decode',
    shaders: ['decode', 'decode_staged', 'decode_subgroup', 'answer'],
    twin: 'engine/kernels/decode.ts',
  },
  { name: 'merge', shaders: ['merge', 'answer'], twin: 'engine/kernels/decode.ts' },
  { name: 'pick', shaders: ['pick', 'weights'], twin: 'engine/kernels/pick.ts' },
];
