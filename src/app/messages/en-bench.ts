/** What the bench says. */
import { counted, megabytes, short } from './format.ts';

export const bench = {
  title: 'How fast is this device?',
  linkHelp: 'Unmask, ONNX Runtime and TensorFlow.js on the same model, measured here.',
  lead: 'Three ways to run the same model on WebGPU, one after the other, on the same canvases: Unmask’s own kernels, ONNX Runtime and TensorFlow.js. The model is a ModernBERT of 22 layers with random weights, made here; how fast it runs does not depend on what it has learnt.',
  download: (bytes: number) => `A run downloads ONNX Runtime, ${megabytes(bytes)}. Nothing is sent anywhere.`,
  size: 'Model',
  sizes: { narrow: 'Narrow', middle: 'Middle', base: 'Base' },
  sizeHelp: (parameters: number, bytes: number) =>
    `${short(parameters)} parameters; needs about ${megabytes(bytes)} of memory on the card, and as much beside it.`,
  extent: 'Extent',
  extents: { quick: 'Quick', full: 'Full' },
  extentHelp: {
    quick: 'Two canvas lengths and one generation, three rounds.',
    full: 'Four canvas lengths and three generations, ten rounds.',
  },
  run: 'Run the bench',
  stop: 'Stop',
  software: 'WebGPU is emulated on the processor here, so these figures say nothing about a graphics card.',
  stages: {
    open: (program: string, precision: string) => `Loading ${program} in ${precision}`,
    compare: (program: string, precision: string) =>
      `Comparing the answers of ${program} in ${precision}; compiling kernels`,
    measure: (task: string, precision: string) => `${task}, ${precision}`,
  },
  reference: 'Compiling kernels',
  left: (seconds: number) =>
    seconds < 90
      ? `about ${counted(Math.max(1, Math.round(seconds)), { one: 'second', other: 'seconds' })} left`
      : `about ${counted(Math.round(seconds / 60), { one: 'minute', other: 'minutes' })} left`,
  progress: 'Progress of the bench',
  stopped: 'Stopped. What was measured until then stands below.',
  finished: 'Done.',
  results: 'Results',
  empty: 'No figure yet. The table fills as the run goes on.',
  columns: { task: 'Task', precision: 'Weights', time: 'ms' },
  forward: (tokens: number, asked: number) => `Forward, ${tokens} tokens, ${asked} asked`,
  generate: (tokens: number, steps: number) => `${tokens} new tokens in ${steps} steps`,
  spread: (lower: string, upper: string) => `${lower}–${upper}`,
  ratio: (times: string) => `${times} ×`,
  absent: (program: string, precision: string, why: string) => `${program} does not run in ${precision}: ${why}`,
  reading:
    'Median milliseconds, with quartiles. Below it, a program’s time divided by ours, with the 95 % interval of a bootstrap: above 1, ours is faster. Our time includes drawing the tokens; a forward pass of the others ends when their logits are here.',
  none: 'does not run',
  copyTable: 'Copy as Markdown',
  copyJson: 'Copy as JSON',
};
