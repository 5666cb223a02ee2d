/** Multi-head attention over q|k|v rows whose rotary position is already applied. One dispatch per layer, no T × T matrix. */
import attentionSource from '../../../shaders/attention.wgsl?raw';
import subgroupSource from '../../../shaders/attention_subgroup.wgsl?raw';
import tiledSource from '../../../shaders/attention_tiled.wgsl?raw';
import enableSubgroups from '../../../shaders/enable_subgroups.wgsl?raw';
import type { AttentionSpec, Sees } from '../../model/arch.ts';
import { qkvRows } from '../../model/arch.ts';
import { visibleRuns } from '../../model/sees.ts';
import type { Constants, Kernel, Workgroups } from '../kernel.ts';
import { paddedHead, strideOf } from '../pack.ts';
import { type Heads, qkvStride } from './heads.ts';

/** How keys and values reach the registers; see the shader files of the same names. */
export type AttentionForm = 'tiled' | 'subgroup';

function attentionKernel(name: string, source: string, enable = ''): Kernel {
  return { name, sources: [enable, attentionSource, source], bindings: { 0: 'read', 1: 'read', 2: 'write' } };
}

/** Their bindings are the same. */
export const ATTENTIONS: Readonly<Record<AttentionForm, Kernel>> = {
  tiled: attentionKernel('attention', tiledSource),
  subgroup: attentionKernel('attention subgroup', subgroupSource, enableSubgroups),
};

/** Largest head size that the kernel's registers are laid out for. */
export const MAX_HEAD = 128;

/**
 * Queries of a workgroup and keys of a tile; staged ones such that both fit in the 16 KiB that every device has. The
 * other form has one thread per query: few, so that few see nothing at the edges of a window.
 */
function tileFor(form: AttentionForm, head: number): { QUERIES: number; KEYS?: number } {
  if (form === 'subgroup') return { QUERIES: 16 };
  return head > 64 ? { QUERIES: 8, KEYS: 16 } : { QUERIES: 16, KEYS: 32 };
}

/** "Everything before" and "everything after" the query. */
const UNBOUNDED = 2 ** 30;

export type Attention = Heads & Pick<AttentionSpec, 'sees'>;

export function attentionConstants(form: AttentionForm, { sees, ...heads }: Attention): Constants {
  const head = paddedHead(heads.headDim);
  return {
    HEADS: heads.heads,
    KV_HEADS: heads.kvHeads,
    HEAD: head,
    X_STRIDE: qkvStride(heads),
    Y_STRIDE: strideOf(heads.heads * head),
    SCALE: 1 / Math.sqrt(heads.headDim),
    ...patternConstants(sees),
    ...tileFor(form, head),
  };
}

function patternConstants(sees: Sees): Constants {
  if ('window' in sees) {
    const [left, right] = sees.window.map((reach) => Math.min(reach, UNBOUNDED)) as [number, number];
    return { PATTERN: 0, LEFT: left, RIGHT: right };
  }
  const pattern = 'blocks' in sees ? { PATTERN: 1, BLOCK: sees.blocks } : { PATTERN: 2, BLOCK: sees.noisyAndClean };
  return { ...pattern, LEFT: UNBOUNDED, RIGHT: UNBOUNDED };
}

/** For sequences of which at most `rows` are run each. */
export function attentionWorkgroups(form: AttentionForm, heads: Heads, rows: number, sequences = 1): Workgroups {
  return [Math.ceil(rows / tileFor(form, paddedHead(heads.headDim)).QUERIES), heads.heads, sequences];
}

/**
 * softmax(q · kᵀ / √headDim) · v over the visible keys; `heads / kvHeads` queries share a key and value. `qkv` is
 * `[positions, heads + 2 kvHeads, headDim]`, the answer, for queries `[from, to)`, `[to − from, heads, headDim]`.
 */
export function reference(
  qkv: Float32Array,
  { heads, kvHeads, headDim, sees }: Attention,
  from = 0,
  to = qkv.length / qkvRows({ heads, kvHeads, headDim }),
): Float32Array {
  const width = qkvRows({ heads, kvHeads, headDim });
  const positions = qkv.length / width;
  const y = new Float32Array((to - from) * heads * headDim);
  for (let head = 0; head < heads; head++) {
    const shared = Math.floor(head / (heads / kvHeads));
    const keyAt = (position: number) => position * width + (heads + shared) * headDim;
    const valueAt = (position: number) => position * width + (heads + kvHeads + shared) * headDim;
    for (let row = from; row < to; row++) {
      const keys = visibleRuns(sees, row, positions).flatMap(([first, end]) =>
        Array.from({ length: end - first }, (_, i) => first + i),
      );
      const scores = keys.map((key) => {
        let dot = 0;
        for (let d = 0; d < headDim; d++) {
          dot += (qkv[row * width + head * headDim + d] as number) * (qkv[keyAt(key) + d] as number);
        }
        return dot / Math.sqrt(headDim);
      });
      const highest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - highest));
      const sum = weights.reduce((a, b) => a + b, 0);
      for (let d = 0; d < headDim; d++) {
        let mixed = 0;
        keys.forEach((key, i) => {
          mixed += (weights[i] as number) * (qkv[valueAt(key) + d] as number);
        });
        y[((row - from) * heads + head) * headDim + d] = mixed / sum;
      }
    }
  }
  return y;
}
