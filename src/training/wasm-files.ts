/** Addresses of tfjs's WebAssembly programs, served with the page: plain and SIMD. */

import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';

export const wasmFiles: Readonly<Record<string, string>> = {
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  // tfjs insists on a third address; threads stay off (backends.ts), so it is never fetched.
  'tfjs-backend-wasm-threaded-simd.wasm': simd,
};
