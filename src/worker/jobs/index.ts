/** Every kind of job under its name in the protocol. */
import type { JobKind } from '../protocol.ts';
import { adaptJob, mergeAdapterJob, zipItemJob } from './adapters.ts';
import { countPromptJob, replyJob } from './chat.ts';
import { compareJob } from './compare.ts';
import { fetchDataJob, lookAtDataJob } from './data.ts';
import { downloadJob, keepFilesJob, keepInBitsJob } from './download.ts';
import { evaluateJob } from './evaluate.ts';
import { generateJob } from './generate.ts';
import { inspectJob } from './inspect.ts';
import type { Job } from './job.ts';
import { loadJob } from './load.ts';
import { lookUpJob, offersJob } from './look-up.ts';
import { maskSetsJob } from './mask-sets.ts';
import { nelboJob } from './nelbo.ts';
import { makePackJob, openPackJob } from './pack.ts';
import { profileJob } from './profile.ts';
import { restJob } from './rest.ts';
import { editRunJob, exportClusterJob, exportRunJob, importRunJob, keepRunJob, removeRunJob, runsJob } from './runs.ts';
import { selfTestJob } from './self-test.ts';
import { removeJob, storageJob } from './storage.ts';
import { timePassJob } from './time-pass.ts';
import { tokenizeJob } from './tokenize.ts';
import { paceJob, trainJob } from './train.ts';

export const JOBS: { readonly [K in JobKind]: Job<K> } = {
  load: loadJob,
  generate: generateJob,
  compare: compareJob,
  nelbo: nelboJob,
  evaluate: evaluateJob,
  maskSets: maskSetsJob,
  lookUp: lookUpJob,
  offers: offersJob,
  download: downloadJob,
  keepFiles: keepFilesJob,
  keepInBits: keepInBitsJob,
  adapt: adaptJob,
  mergeAdapter: mergeAdapterJob,
  zipItem: zipItemJob,
  storage: storageJob,
  remove: removeJob,
  makePack: makePackJob,
  openPack: openPackJob,
  inspect: inspectJob,
  profile: profileJob,
  selfTest: selfTestJob,
  fetchData: fetchDataJob,
  lookAtData: lookAtDataJob,
  train: trainJob,
  pace: paceJob,
  rest: restJob,
  runs: runsJob,
  editRun: editRunJob,
  removeRun: removeRunJob,
  keepRun: keepRunJob,
  exportRun: exportRunJob,
  exportCluster: exportClusterJob,
  importRun: importRunJob,
  timePass: timePassJob,
  tokenize: tokenizeJob,
  countPrompt: countPromptJob,
  reply: replyJob,
};
