/**
 * Reads a trace file. Files come from other people, so nothing is believed (`trace-read.ts` checks every part).
 * A file holds one line, or a tree of branches, each of which says only what differs from its parent; versions 1 (a line)
 * and 2 (a tree) told of steps otherwise (`readSteps`), version 3 may be either.
 */
import { said } from '../text/said.ts';
import { type Branch, currentTrace, LONGEST_NAME, type TraceTree, treeOf } from './branches.ts';
import { integer, list, object, text, traceError, wrong } from './json-shape.ts';
import { slotsOf } from './replay.ts';
import { defaultSettings } from './settings.ts';
import type { Trace } from './trace.ts';
import { TRACE_FORMAT } from './trace-encode.ts';
import {
  checkWork,
  INT32,
  readBackend,
  readCanvas,
  readEarlier,
  readEdits,
  readMaskId,
  readModel,
  readPieces,
  readSettings,
  readSteps,
} from './trace-read.ts';

/** Some 130 MB of a run; longer ones take a page longer than anybody waits for. */
export const MOST_CHARACTERS = 2 ** 27;
const MOST_BRANCHES_READ = 256;
type File = Readonly<Record<string, unknown>>;

/** The line that was being looked at when the file was saved. Throws `UnmaskError` code `trace`. */
export function decodeTrace(json: string): Trace {
  return currentTrace(decodeTree(json));
}

/** Throws `UnmaskError` code `trace`. */
export function decodeTree(json: string): TraceTree {
  if (json.length > MOST_CHARACTERS) {
    throw traceError(
      said`The trace has ${json.length} characters, more than the ${MOST_CHARACTERS} that are read.`,
      'Record a shorter run, or save it with fewer alternatives per token.',
    );
  }
  const file = object(parse(json), 'the file');
  if (file['format'] !== TRACE_FORMAT) throw traceError('This is not a trace.', 'Choose a file saved by this program.');
  const version = versionOf(file['version']);
  const isTree = version === 2 || (version === 3 && file['branches'] !== undefined);
  const tree = isTree ? readTree(file, version) : treeOf(readLine(file, version));
  checkWork(tree.branches.map(({ trace }) => trace));
  return tree;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const why = cause instanceof Error ? ` (${cause.message.slice(0, 200)})` : '';
    throw traceError(said`This is not a trace: it is not JSON${why}.`, 'Choose a file saved by this program.');
  }
}

type Version = 1 | 2 | 3;

function versionOf(version: unknown): Version {
  if (version === 1 || version === 2 || version === 3) return version;
  if (typeof version === 'number' && version > 3) {
    throw traceError(
      said`The trace was made by a newer version of this program (format ${version}; this one reads formats 1 to 3).`,
      'Reload the page to get the newest version, then open the trace again.',
    );
  }
  throw wrong('version', '1, 2 or 3', version);
}

function readLine(file: File, version: Version): Trace {
  const start = readCanvas(file['start'], 'start');
  const steps = readSteps(file['steps'], 'steps', { version, start, before: [] });
  return {
    version: 3,
    settings: readSettings(file['settings'], 'settings', defaultSettings()),
    ...readEarlier(file['earlier'], 'earlier', steps.length),
    model: readModel(file['model']),
    backend: readBackend(file['backend'], 'backend'),
    start,
    maskId: readMaskId(file['maskId']),
    steps,
    edits: readEdits(file['edits'], 'edits', 0, steps.length, slotsOf({ start, steps })),
    pieces: readPieces(file['pieces']),
  };
}

function readTree(file: File, version: Version): TraceTree {
  const common = {
    version: 3,
    model: readModel(file['model']),
    maskId: readMaskId(file['maskId']),
    pieces: readPieces(file['pieces']),
  } as const;
  const branches: Branch[] = [];
  for (const [i, value] of list(file['branches'], 'branches', MOST_BRANCHES_READ).entries()) {
    branches.push(readBranch(value, `branches[${i}]`, common, branches, version));
    // Checked as they come: a branch of a few words may hold all the steps of another.
    if (i % 16 === 15) checkWork(branches.map(({ trace }) => trace));
  }
  if (branches.length === 0) throw wrong('branches', 'a list of at least 1', file['branches']);
  const current = integer(file['current'], 'current', 0, INT32);
  if (!branches.some(({ id }) => id === current)) throw wrong('current', 'the id of a branch', current);
  return { branches, current, next: integer(file['next'], 'next', (branches.at(-1)?.id ?? 0) + 1, INT32) };
}

function readBranch(
  value: unknown,
  path: string,
  common: Pick<Trace, 'version' | 'model' | 'maskId' | 'pieces'>,
  earlier: readonly Branch[],
  version: Version,
): Branch {
  const branch = object(value, path);
  // Ascending, so none occurs twice.
  const id = integer(branch['id'], `${path}.id`, (earlier.at(-1)?.id ?? -1) + 1, INT32 - 1);
  const parent = earlier.find((one) => one.id === branch['parent']);
  if (!parent && branch['parent'] !== undefined)
    throw wrong(`${path}.parent`, 'the id of an earlier branch', branch['parent']);
  const own = branch['start'] !== undefined || !parent;
  const start = own ? readCanvas(branch['start'], `${path}.start`) : parent.trace.start;
  // A canvas of its own shares no step.
  const step = integer(branch['step'], `${path}.step`, 0, own ? 0 : parent.trace.steps.length);
  const before = parent?.trace.steps.slice(0, step) ?? [];
  const steps = [...before, ...readSteps(branch['steps'], `${path}.steps`, { version, start, before })];
  const slots = slotsOf({ start, steps });
  const inherited = parent?.trace.edits.filter(({ before }) => before < step) ?? [];
  const ownBackend = branch['backend'] !== undefined || !parent;
  return {
    id,
    name: text(branch['name'], `${path}.name`, LONGEST_NAME * 2),
    parent: parent?.id,
    trace: {
      ...common,
      settings: readSettings(branch['settings'], `${path}.settings`, parent?.trace.settings ?? defaultSettings()),
      ...readEarlier(branch['earlier'], `${path}.earlier`, steps.length),
      backend: ownBackend ? readBackend(branch['backend'], `${path}.backend`) : parent.trace.backend,
      start,
      steps,
      edits: [...inherited, ...readEdits(branch['edits'], `${path}.edits`, step, steps.length, slots)],
    },
  };
}
