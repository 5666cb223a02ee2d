/**
 * The whole session as something a browser can store: the branches on screen and everything undo and redo would bring
 * back. The many moments of a session have nearly all their lines in common, so the lines stand once, as the branches of
 * one trace file (a pool), and a moment only says which of them it holds under which name.
 */
import { type Branch, sharedSteps, type TraceTree } from '../../diffusion/branches.ts';
import { integer, list, object, text } from '../../diffusion/json-shape.ts';
import type { Step, Trace } from '../../diffusion/trace.ts';
import { decodeTree, MOST_CHARACTERS } from '../../diffusion/trace-decode.ts';
import { encodeTree } from '../../diffusion/trace-encode.ts';
import type { Moment, RunState } from './run.ts';

export interface StoredSession {
  /** A trace file whose branches are all lines of all moments. */
  readonly pool: string;
  /** Oldest first. */
  readonly moments: readonly StoredMoment[];
  /** The moment on screen. */
  readonly now: number;
}

interface StoredMoment {
  readonly branches: readonly {
    readonly id: number;
    readonly name: string;
    readonly parent: number | undefined;
    /** Id of the line in the pool. */
    readonly line: number;
  }[];
  readonly current: number;
  readonly next: number;
  readonly playhead: number;
}

export type Session = Pick<RunState, 'past' | 'future'> & { readonly now: Omit<Moment, 'sources'> };

/** Moments kept on each side of the one on screen. */
const KEPT = 20;
/** Lines in the pool; a trace file may hold 256 branches. */
const MOST_LINES = 240;

/** `alternatives` says how many to keep per token, given the number of predictions; 0 means not to keep it at all. */
export function encodeSession(
  { past, now, future }: Session,
  alternatives: (predictions: number) => number,
): StoredSession | undefined {
  const pool = new Pool(now.tree);
  // From the moment on screen outwards, so that what does not fit is what is furthest away.
  const stored = { past: [] as StoredMoment[], future: [] as StoredMoment[] };
  const present = pool.store(now);
  if (!present) return undefined;
  for (const moment of past.toReversed().slice(0, KEPT)) {
    const one = pool.store(moment);
    if (!one) break;
    stored.past.unshift(one);
  }
  for (const moment of future.slice(0, KEPT)) {
    const one = pool.store(moment);
    if (!one) break;
    stored.future.push(one);
  }
  const kept = alternatives(pool.predictions());
  if (kept === 0) return undefined;
  return {
    pool: encodeTree(pool.tree(), { alternatives: kept }),
    moments: [...stored.past, present, ...stored.future],
    now: stored.past.length,
  };
}

class Pool {
  readonly #lines = new Map<Trace, number>();
  readonly #branches: Branch[] = [];
  readonly #model: string;

  constructor(tree: TraceTree) {
    this.#model = (tree.branches[0] as Branch).trace.model.id;
  }

  /** Undefined when it does not fit, or was written by another model: a trace file has one. */
  store({ tree, playhead }: Omit<Moment, 'sources'>): StoredMoment | undefined {
    const fresh = tree.branches.filter(({ trace }) => !this.#lines.has(trace)).length;
    if (this.#branches.length + fresh > MOST_LINES) return undefined;
    if (tree.branches.some(({ trace }) => trace.model.id !== this.#model)) return undefined;
    const branches = tree.branches.map(({ id, name, parent, trace }) => ({
      id,
      name,
      parent,
      line: this.#line(trace),
    }));
    return { branches, current: tree.current, next: tree.next, playhead };
  }

  #line(trace: Trace): number {
    const known = this.#lines.get(trace);
    if (known !== undefined) return known;
    const id = this.#branches.length;
    this.#branches.push({ id, name: '', parent: this.#nearest(trace), trace });
    this.#lines.set(trace, id);
    return id;
  }

  /** The line that shares most with `trace`. */
  #nearest(trace: Trace): number | undefined {
    let best: number | undefined;
    let most = -1;
    for (const branch of this.#branches) {
      const shared = branch.trace.start === trace.start ? sharedSteps(trace, branch.trace) : -1;
      if (shared > most) [best, most] = [branch.id, shared];
    }
    return best;
  }

  tree(): TraceTree {
    return { branches: this.#branches, current: 0, next: this.#branches.length };
  }

  /** One per asked slot of every step; a step that several lines share counts once. */
  predictions(): number {
    const steps = new Set<Step>(this.#branches.flatMap(({ trace }) => trace.steps));
    let sum = 0;
    for (const { prediction } of steps) sum += prediction.slots.length;
    return sum;
  }
}

/** Throws `UnmaskError` code `trace` when the stored value is damaged, or from a program that stored it otherwise. */
export function decodeSession(value: unknown): Session {
  const stored = object(value, 'session');
  const { branches: lines } = decodeTree(text(stored['pool'], 'pool', MOST_CHARACTERS));
  const moments = list(stored['moments'], 'moments', 2 * KEPT + 1).map((moment, i) =>
    readMoment(moment, `moments[${i}]`, lines),
  );
  const now = integer(stored['now'], 'now', 0, moments.length - 1);
  const restored = moments.map((moment) => ({
    ...moment,
    sources: Object.fromEntries(moment.tree.branches.map(({ id }) => [id, 'restored'] as const)),
  }));
  return { past: restored.slice(0, now), now: restored[now] as Moment, future: restored.slice(now + 1) };
}

function readMoment(value: unknown, path: string, lines: readonly Branch[]): Omit<Moment, 'sources'> {
  const moment = object(value, path);
  const most = 2 ** 31 - 1;
  const branches: Branch[] = [];
  for (const [i, item] of list(moment['branches'], `${path}.branches`, 256).entries()) {
    const at = `${path}.branches[${i}]`;
    const branch = object(item, at);
    const parent = branches.find(({ id }) => id === branch['parent'])?.id;
    branches.push({
      id: integer(branch['id'], `${at}.id`, (branches.at(-1)?.id ?? -1) + 1, most),
      name: text(branch['name'], `${at}.name`, 200),
      parent,
      trace: (lines[integer(branch['line'], `${at}.line`, 0, lines.length - 1)] as Branch).trace,
    });
  }
  const ids = branches.map(({ id }) => id);
  const current = integer(moment['current'], `${path}.current`, 0, most);
  const tree = {
    branches,
    current: ids.includes(current) ? current : integer(ids[0], `${path}.branches[0].id`, 0, most),
    next: integer(moment['next'], `${path}.next`, (ids.at(-1) ?? 0) + 1, most),
  };
  return { tree, playhead: integer(moment['playhead'], `${path}.playhead`, 0, most) };
}
