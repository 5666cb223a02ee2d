/** What the view under the hood says. */
import { counted, integer, percent, significant, size } from './format.ts';

const checks = (n: number) => counted(n, { one: 'check', other: 'checks' });
const at = (date: Date) => date.toLocaleDateString('en', { dateStyle: 'medium' });

export const hood = {
  title: 'Under the hood',
  lead: 'What the graphics device offers, whether it computes what it should, where the time of a step goes, and the programs that run on it.',
  failed: (message: string, remedy: string) => `${message} ${remedy}`,
  stop: 'Stop',

  device: {
    title: 'The device',
    waiting: 'Asking the device',
    none: 'This browser offers no WebGPU adapter, so there is no graphics device to look at. The kernels below can still be read.',
    software: 'This adapter is a program on the processor: right, but slow.',
    instead: (backend: string, device: string) =>
      `The model runs in ${backend} at the moment. The self-test and the profile below use WebGPU (${device}) anyhow.`,
    features: 'Features',
    has: 'yes',
    lacks: 'no',
    featureHelp: {
      'shader-f16':
        'Arithmetic in half precision. Where weights are rounded anyway, products may be made in it. Weights stay packed with or without it.',
      subgroups: 'Threads that hand each other registers. One form of the matrix product is built on it.',
      'timestamp-query': 'A clock on the device. Without it there is no time per kernel.',
    } as Record<string, string>,
    limits: 'Limits',
    limitHelp: {
      maxBufferSize: 'The largest buffer. A token table beyond it is split.',
      maxStorageBufferBindingSize:
        'The largest piece that a kernel can see at once; it decides where tables are split.',
      maxStorageBuffersPerShaderStage: 'Buffers that a kernel can see. Ours need at most seven.',
      maxComputeWorkgroupStorageSize:
        'Memory that the threads of a workgroup share. Ours fit in the least that every device has.',
      maxComputeInvocationsPerWorkgroup: 'Threads of a workgroup. Ours have at most 128.',
      maxComputeWorkgroupSizeX: 'Threads of a workgroup along its first side.',
      maxComputeWorkgroupSizeY: 'Threads of a workgroup along its second side.',
      maxComputeWorkgroupsPerDimension: 'Workgroups of a dispatch along one side; it bounds canvas and vocabulary.',
    } as Record<string, string>,
    bytes: (bytes: number) => (bytes < 1e6 ? `${integer(bytes / 1024)} KiB` : size(bytes)),
    count: integer,
    memory: 'Memory',
    model: (name: string, bytes: number) => `${size(bytes)} for ${name}: its weights, and buffers of the decoder.`,
    work: (bytes: number) => `${size(bytes)} for activations and canvases that are remembered.`,
    noModel: 'No model is on this device at the moment.',
    choices: 'Forms of the products',
    choicesHelp:
      'A matrix product can be cut up in several ways. Once per device and length the engine tries them for a moment and keeps the fastest.',
    choice: (rows: number, measured: boolean) =>
      `Up to ${counted(rows, { one: 'row', other: 'rows' })}, ${measured ? 'measured here' : 'as usual for such a device'}`,
    product: 'Product',
    tile: 'Form',
    roles: {
      qkv: 'queries, keys, values',
      attnOut: 'attention out',
      mlpIn: 'gated layer in',
      mlpOut: 'gated layer out',
      dense: 'head',
    } as Record<string, string>,
  },

  test: {
    title: 'Self-test',
    lead: 'Small models run through every kernel on this device. Their logits are compared with those that PyTorch gave in double precision; best tokens, log-probabilities and the token that the seeded noise draws, with the plain twin.',
    run: 'Run the self-test',
    again: 'Run it again',
    running: (done: number) => `${checks(done)} done`,
    download: 'Fetches about one megabyte from this site, and the shipped model if it is not here yet.',
    passed: (software: boolean) => (software ? 'Verified on this adapter' : 'Verified on this GPU'),
    differs: (software: boolean) =>
      software ? 'This adapter computes something else' : 'This GPU computes something else',
    outcome: (n: number, failed: number, date: Date) =>
      failed === 0 ? `All ${checks(n)} passed, ${at(date)}.` : `${failed} of ${checks(n)} failed, ${at(date)}.`,
    differsHelp:
      'What the model writes here may differ from what it should. A browser or driver update may help; until then, choose “Without WebGPU” in the device menu.',
    stopped: 'Stopped. What was checked until then stands below.',
    columns: ['Case', 'Logits', 'Answers', 'Result'],
    ok: 'passed',
    bad: 'differs',
    broken: 'did not run',
    unit: 'The largest difference found, and the largest allowed, in nats. Allowed is what another order of the same sums in 32-bit numbers can bring, from the range of each model’s logits.',
    trials: {
      single: 'One token alone',
      base: '32-bit weights, full and sliding layers',
      odd: '16-bit weights (f16), odd widths',
      biases: '16-bit weights (bf16), every bias, decoder of its own',
      int8: '8-bit weights with a scale per row',
      head64: 'Heads of 64, as in every published ModernBERT',
      long: '200 tokens, a window of 8 to each side',
      decoder: 'Left to right (causal)',
      stories: 'The shipped model: its best 20 tokens',
    } as Record<string, string>,
    tokens: (n: number) => counted(n, { one: 'token', other: 'tokens' }),
    tile: (name: string) => `products in the form “${name}”`,
    /** What was found, and what is allowed. */
    found: (value: number) => (Number.isNaN(value) ? '?' : value.toExponential(1)),
    allowed: (value: number) => `of ${value.toExponential(1)}`,
    none: '–',
  },

  badge: {
    menu: {
      passed: 'Verified on this GPU',
      software: 'Verified on this adapter',
      failed: 'The self-test found differences',
    },
    none: 'Under the hood',
    noneHelp: 'The device, a self-test, time per kernel, the kernels.',
    help: (date: Date) => `Self-test of ${at(date)}; see under the hood.`,
    short: { passed: 'verified by the self-test', failed: 'the self-test found differences' },
  },

  times: {
    title: 'Time per kernel',
    lead: 'One step in which every slot is asked, measured on this device.',
    length: 'Canvas',
    onCanvas: (n: number) => `As on the canvas, ${counted(n, { one: 'token', other: 'tokens' })}`,
    tokens: (n: number) => counted(n, { one: 'token', other: 'tokens' }),
    run: 'Measure',
    again: 'Measure again',
    running: 'Measuring',
    noClock: 'This device has no clock that a page may read, so there is no time per kernel; only of the whole step.',
    whole: (milliseconds: number) =>
      `${significant(milliseconds)} ms from question to answer, the median of several steps.`,
    sum: (milliseconds: number, dispatches: number) =>
      `The kernels, one by one, take ${significant(milliseconds)} ms in ${counted(dispatches, { one: 'dispatch', other: 'dispatches' })}.`,
    rest: 'The difference is the browser, the driver, and the way there and back.',
    noisy: 'Together they are faster than one by one, or the device was busy.',
    where: (model: string, length: number, device: string) =>
      `${model}, ${counted(length, { one: 'token', other: 'tokens' })}, on ${device}.`,
    rounds: (rounds: number) =>
      `Means of ${counted(rounds, { one: 'round', other: 'rounds' })}, each kernel between two timestamps of the device. Browsers may round these to a tenth of a millisecond, which the mean evens out only roughly. GFLOP/s count multiplications and additions of products; GB/s count each operand once.`,
    columns: ['Kernel', 'ms', 'Share', 'GFLOP/s', 'GB/s'],
    dispatches: (n: number) => counted(n, { one: 'dispatch', other: 'dispatches' }),
    table: 'Time per kernel',
    number: significant,
    share: percent,
    lastRun: (steps: number, milliseconds: number, where: string) =>
      `The run on the canvas: ${counted(steps, { one: 'step', other: 'steps' })}, ${significant(milliseconds)} ms each (median), in ${where}.`,
    elsewhere: (backend: string) =>
      `The model runs in ${backend}, which does not say where its time goes. This measures our own kernels on WebGPU instead.`,
  },

  kernels: {
    title: 'The kernels',
    lead: 'Each program that runs on the device, beside a plain twin in TypeScript that computes the same slowly. The tests hold one against the other.',
    choose: 'Kernel',
    names: {
      embed: 'Embedding',
      norm: 'Layer norm',
      matmul: 'Matrix product',
      gelu: 'GELU',
      attention: 'Attention',
      decode: 'Decoder',
      merge: 'Merge',
      pick: 'Pick',
      threefry: 'Noise',
      weights: 'Weights',
    },
    files: (kernel: string) => `Files of ${kernel}`,
    extent: 'How much of the file',
    extents: { twin: 'The twin', file: 'Whole file' },
    copy: { wgsl: 'Copy WGSL', ts: 'Copy TypeScript' },
  },
};
