/** The bench in a worker of the page: one run, told step by step. */
import { UnmaskError } from '../diffusion/error.ts';
import { deviceError } from '../engine/device.ts';
import type { BenchEvent } from './client.ts';
import { type BenchOptions, type BenchProgress, runBench } from './run.ts';

const tell = (event: BenchEvent) => self.postMessage(event);

self.onmessage = async ({ data }: MessageEvent<BenchOptions>) => {
  try {
    if (!navigator.gpu)
      throw deviceError('This browser has no WebGPU.', 'Use a recent Chrome, Edge, Safari or Firefox.');
    const onProgress = (progress: BenchProgress) => tell({ kind: 'progress', progress });
    tell({ kind: 'done', report: await runBench(data, { gpu: navigator.gpu, where: browserName(), onProgress }) });
  } catch (error) {
    tell({ kind: 'failed', error: UnmaskError.from(error).toJSON() });
  }
};

/** Name and major version of the browser, as far as it says; enough to read a shared result. */
function browserName(): string {
  const { userAgent } = navigator;
  const known = /(Firefox|Edg|Chrome)\/(\d+)/.exec(userAgent) ?? /(Safari)\/|$/.exec(userAgent);
  const version = /Version\/(\d+)/.exec(userAgent)?.[1];
  const name = userAgent.includes('Edg/') ? 'Edge' : (known?.[1] ?? 'a browser');
  const system = /Windows|Mac OS X|Android|iPhone|iPad|Linux/.exec(userAgent)?.[0] ?? 'an unknown system';
  return `${[name, known?.[2] ?? version].filter(Boolean).join(' ')} on ${system}`;
}
