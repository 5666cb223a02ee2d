/** Which WGSL files make up a kernel, its own first, and where its plain reference is. Good to read in this order. */
import type { Messages } from '../../messages/index.ts';

export type KernelName = keyof Messages['hood']['kernels']['names'];

export interface KernelFiles {
  readonly name: KernelName;
  /** Without folder and ending. */
  readonly shaders: readonly [string, ...string[]];
  /** From `src/`. */
  readonly reference: string;
}

export const KERNELS: readonly KernelFiles[] = [
  { name: 'norm', shaders: ['norm', 'norm_rows', 'rows'], reference: 'engine/kernels/norm.ts' },
  { name: 'embed', shaders: ['embed', 'norm', 'weights', 'rows'], reference: 'engine/kernels/embed.ts' },
  { name: 'gelu', shaders: ['gelu'], reference: 'engine/kernels/gelu.ts' },
  { name: 'activation', shaders: ['activation', 'gelu'], reference: 'engine/kernels/activation.ts' },
  { name: 'weights', shaders: ['weights'], reference: 'engine/pack.ts' },
  {
    name: 'matmul',
    shaders: [
      'matmul',
      'matmul_plain',
      'matmul_staged',
      'matmul_subgroup',
      'matmul_half',
      'epilogue',
      'nf4',
      'nf4_subgroup',
      'activation',
      'rows',
    ],
    reference: 'engine/kernels/matmul.ts',
  },
  { name: 'heads', shaders: ['heads', 'rows'], reference: 'engine/kernels/heads.ts' },
  {
    name: 'attention',
    shaders: ['attention', 'attention_tiled', 'attention_subgroup'],
    reference: 'engine/kernels/attention.ts',
  },
  { name: 'threefry', shaders: ['threefry'], reference: 'diffusion/rng.ts' },
  {
    name: 'decode',
    shaders: ['decode', 'decode_staged', 'decode_subgroup', 'answer'],
    reference: 'engine/kernels/decode.ts',
  },
  { name: 'merge', shaders: ['merge', 'answer'], reference: 'engine/kernels/decode.ts' },
  { name: 'pick', shaders: ['pick', 'weights'], reference: 'engine/kernels/pick.ts' },
];
