/** The bench in a worker of the page: one run, told step by step. */
import { deviceError } from '../engine/device.ts';
import type { Request } from '../rpc/messages.ts';
import { Server } from '../rpc/server.ts';
import type { BenchJobs } from './client.ts';
import { type BenchProgress, runBench } from './run.ts';

const server = new Server<BenchJobs>(
  {
    async run({ kind: _, ...options }, { signal, emit }) {
      const { gpu } = navigator;
      if (!gpu) throw deviceError('This browser has no WebGPU.', 'Use a recent Chrome, Edge, Safari or Firefox.');
      const onProgress = (progress: BenchProgress) => emit({ kind: 'progress', progress });
      emit({ kind: 'report', report: await runBench(options, { gpu, where: browserName(), signal, onProgress }) });
    },
  },
  (event) => self.postMessage(event),
);
self.onmessage = ({ data }: MessageEvent<Request<BenchJobs>>) => server.receive(data);

/** Name and major version of the browser, as far as it says; enough to read a shared result. */
function browserName(): string {
  const { userAgent } = navigator;
  const known = /(Firefox|Edg|Chrome)\/(\d+)/.exec(userAgent) ?? /(Safari)\/|$/.exec(userAgent);
  const version = /Version\/(\d+)/.exec(userAgent)?.[1];
  const name = userAgent.includes('Edg/') ? 'Edge' : (known?.[1] ?? 'a browser');
  const system = /Windows|Mac OS X|Android|iPhone|iPad|Linux/.exec(userAgent)?.[0] ?? 'an unknown system';
  return `${[name, known?.[2] ?? version].filter(Boolean).join(' ')} on ${system}`;
}
