/** What a person needs to know before a run: how large each model is, and what is downloaded for it. */
import type { Size } from './store.ts';

export const SIZE_NAMES: readonly Size[] = ['narrow', 'middle', 'base'];

/** Memory: the f32 weights three times over, once for each program. */
export const SIZE_FACTS: Readonly<Record<Size, { readonly parameters: number; readonly memory: string }>> = {
  narrow: { parameters: 1_024_128, memory: '20 MB' },
  middle: { parameters: 16_773_888, memory: '250 MB' },
  base: { parameters: 149_655_232, memory: '2 GB' },
};

/** ONNX Runtime's script and WebAssembly, as they are stored. */
export const ORT_BYTES = 26_900_000;
