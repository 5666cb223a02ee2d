/** Waiting for what the card has written. */

/**
 * Firefox looks for finished work every hundred milliseconds, and whenever something is submitted: an empty submission while
 * one waits makes it look at once (jax-js PR 124 measured 103 ms without and 1.4 with). wgpu under Deno looks by itself.
 */
const LOOKS_SELDOM = typeof navigator === 'object' && /\bFirefox\//.test(navigator.userAgent ?? '');

const PAUSE_MS = 1;

/** Maps a buffer, or its first `bytes`, for reading. Rejects as `mapAsync` does. `poll`: whether to submit while waiting. */
export async function mapped(gpu: GPUDevice, buffer: GPUBuffer, bytes?: number, poll = LOOKS_SELDOM): Promise<void> {
  let waiting = true;
  const mapping = buffer.mapAsync(GPUMapMode.READ, 0, bytes).finally(() => {
    waiting = false;
  });
  if (poll) {
    const look = () => {
      if (!waiting) return;
      gpu.queue.submit([]);
      setTimeout(look, PAUSE_MS);
    };
    setTimeout(look, PAUSE_MS);
  }
  return mapping;
}
