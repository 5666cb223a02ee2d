/**
 * How long the compute worker may be silent, by what it does. Reading text takes milliseconds, so a worker that is silent
 * over it for many seconds hangs. A pass of a large model on the processor blocks the worker for as long as it takes, and
 * so may a compiler.
 */
import type { Watch } from '../rpc/client.ts';
import type { JobKind, JobTable } from './protocol.ts';

const SECOND = 1000;
const READING = 20 * SECOND;
const COMPUTING = 300 * SECOND;

/** Jobs that compute, and the events after which they do; before those they read text. */
const COMPUTES: { readonly [K in JobKind]?: readonly string[] } = {
  generate: ['started', 'step'],
  compare: ['run', 'runStep', 'written'],
  nelbo: ['scored', 'samples'],
  evaluate: ['planned', 'item'],
};

const LONG: ReadonlySet<JobKind> = new Set(['load', 'profile', 'selfTest', 'train', 'inspect', 'maskSets']);
/** They read what may be large, in one go. */
const HEAVY: ReadonlySet<JobKind> = new Set([
  'lookAtData',
  'adapt',
  'mergeAdapter',
  'keepInBits',
  'makePack',
  'openPack',
  'exportRun',
  'exportCluster',
  'importRun',
  'keepRun',
]);
/** Hubs and small files: nothing for so long means that nothing will come. */
const QUIET: ReadonlySet<JobKind> = new Set(['lookUp', 'offers', 'storage', 'remove', 'runs', 'editRun', 'removeRun']);

export const WATCH: Watch<JobTable> = {
  interval: SECOND,
  silence(kind, event) {
    if (LONG.has(kind)) return COMPUTING;
    if (HEAVY.has(kind)) return 120 * SECOND;
    const computing = COMPUTES[kind];
    return computing && event !== undefined && computing.includes(event) ? COMPUTING : READING;
  },
  quiet: (kind) => (QUIET.has(kind) ? 120 * SECOND : undefined),
};
