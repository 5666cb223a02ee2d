/**
 * Which room of src/ may import what. `npm run layers` checks it with dependency-cruiser.
 *
 *     app ─▶ worker ─▶ { engine, training, evaluation } ─▶ checkpoint ─▶ { model, diffusion }
 *
 * `node` (Dawn, files, the browser package) stands beside the engine; the command line (`cli`) imports what the worker
 * may, the worker and `node`.
 *
 * Nothing points back up. `rooms` are rooms this one may import, `packages` the npm packages.
 */
/** `text` is what people read, with its values apart; every room says something. */
const rooms = {
  text: { rooms: [], packages: [] },
  model: { rooms: [], packages: [] },
  diffusion: { rooms: [], packages: [] },
  checkpoint: {
    // Whom a page may ask.
    rooms: ['offline', 'model', 'diffusion'],
    packages: ['@huggingface/tokenizers', '@huggingface/jinja', 'hash-wasm', 'modern-tar'],
  },
  engine: { rooms: ['checkpoint', 'model', 'diffusion'], packages: [] },
  training: {
    rooms: ['checkpoint', 'model', 'diffusion'],
    packages: ['@tensorflow/', 'chardet', 'hyparquet'],
  },
  evaluation: { rooms: ['checkpoint', 'model', 'diffusion'], packages: [] },
  rpc: { rooms: ['offline', 'diffusion'], packages: [] },
  worker: {
    rooms: ['rpc', 'offline', 'engine', 'training', 'evaluation', 'checkpoint', 'model', 'diffusion'],
    packages: ['fflate'],
  },
  app: { rooms: ['diffusion'], packages: ['react', 'react-dom', 'zustand', '@fontsource', 'fflate', 'gifenc', 'uqr'] },
  offline: { rooms: [], packages: [] },
  peers: { rooms: ['rpc', 'offline', 'worker', 'checkpoint', 'diffusion'], packages: ['@huggingface/transformers'] },
  bench: {
    rooms: ['rpc', 'engine', 'training', 'checkpoint', 'model', 'diffusion'],
    packages: ['onnxruntime-web', '@tensorflow/'],
  },
  node: { rooms: ['checkpoint', 'model', 'diffusion'], packages: ['webgpu', 'tar-fs'] },
  cli: {
    rooms: ['node', 'worker', 'engine', 'training', 'evaluation', 'checkpoint', 'model', 'diffusion'],
    packages: [],
  },
};

/** The page talks to the worker only through these: the message types and the client that sends them. */
const workerDoor = '^src/worker/(protocol|client)[./]';
/** Of evaluations the page knows records and tasks; asking models is the worker's. */
const evaluationDoor = '^src/evaluation/(record|settings|tasks|self-bleu|answers|ifeval|math-answers|requests)[.]ts$';
/** And to the worker of the bench through these. */
const benchDoor = '^src/bench/(client|report|names|sizes|rounds)[.]';
/** And to the worker of GPT-2, against whom our models race, through these. */
const peersDoor = '^src/peers/(client|protocol)[.]';

/** And to the service worker through this. */
const offlineDoor = '^src/offline/(shelf|policy)[.]ts$';

/**
 * The floors of src/app, lowest first: what a floor may import of the others. A view imports no other view; `top` are the
 * files of src/app itself, which put the views together.
 */
const floors = {
  messages: [],
  trace: ['messages'],
  session: ['trace', 'messages'],
  fields: ['session', 'trace', 'messages'],
  figures: ['fields', 'session', 'trace', 'messages'],
  shell: ['figures', 'fields', 'session', 'trace', 'messages'],
};
const everyFloor = Object.keys(floors);

/** Tests, and helpers that only tests use. They may import vitest, fast-check, Node and src/node. */
const tests = ['[.]test[.]tsx?$', '^src/.*/testing/'];
const testRoom = '^src/node/';

const asPattern = (name) => name.replace(/[/.]/g, '[$&]');

const roomRules = Object.entries(rooms).flatMap(([room, may]) => {
  const files = `^src/${room}/`;
  const open = [
    files,
    '^src/text/',
    ...may.rooms.map((name) => `^src/${name}/`),
    ...(room === 'app' ? [workerDoor, benchDoor, evaluationDoor, peersDoor, offlineDoor] : []),
  ];
  const packages = may.packages.map((name) => `^node_modules/${asPattern(name)}${name.endsWith('/') ? '' : '[/-]'}`);
  return [
    {
      name: `${room}: rooms`,
      comment: `src/${room} may import ${['itself', ...may.rooms].join(', ')}.`,
      severity: 'error',
      from: { path: files, pathNot: tests },
      to: { path: '^src/', pathNot: open },
    },
    {
      name: `${room}: rooms of tests`,
      comment: `Tests in src/${room} see what src/${room} sees, and src/node.`,
      severity: 'error',
      from: { path: files.concat('.*(', tests.join('|'), ')') },
      to: { path: '^src/', pathNot: [...open, testRoom] },
    },
    {
      name: `${room}: packages`,
      comment: `src/${room} may import ${may.packages.join(', ') || 'no package'}.`,
      severity: 'error',
      from: { path: files, pathNot: tests },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg'], pathNot: packages },
    },
  ];
});

const floorRules = [
  ...everyFloor.map((floor) => ({
    name: `app: floor ${floor}`,
    comment: `src/app/${floor} may import ${['itself', ...floors[floor]].join(', ')} of src/app, and style sheets.`,
    severity: 'error',
    from: { path: `^src/app/${floor}/`, pathNot: tests },
    to: { path: '^src/app/', pathNot: [floor, ...floors[floor], 'styles'].map((name) => `^src/app/${name}/`) },
  })),
  {
    name: 'app: views',
    comment: 'A view imports itself and the floors below, and no other view.',
    severity: 'error',
    from: { path: '^src/app/views/([^/]+)/', pathNot: tests },
    to: {
      path: '^src/app/',
      pathNot: ['^src/app/views/$1/', ...[...everyFloor, 'styles'].map((name) => `^src/app/${name}/`)],
    },
  },
];

export default {
  forbidden: [
    ...roomRules,
    ...floorRules,
    {
      name: 'browser code: no Node',
      comment: 'Only src/cli, src/node and tests run under Node.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(cli|node)/', ...tests] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'tests stay outside',
      comment: 'What ships imports no test, no test helper, and nothing from e2e, bench or tools.',
      severity: 'error',
      from: { path: '^src/', pathNot: tests },
      to: { path: ['^(e2e|bench|tools|notebooks)/', ...tests] },
    },
    {
      name: 'inside the repository',
      comment: 'Nothing imports from outside the repository.',
      severity: 'error',
      from: {},
      to: { path: '^[.][.]/', couldNotResolve: false },
    },
    {
      name: 'shaders',
      comment: 'Kernels are imported where they are run, and by the page that shows them.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(engine|training|app)/', ...tests] },
      to: { path: '^shaders/' },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads to a file.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no cycle',
      comment: 'No file imports itself in a circle.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true, // see type-only imports too
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'browser', 'default', 'types'] },
    cache: false,
  },
};
