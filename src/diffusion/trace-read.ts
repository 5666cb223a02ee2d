/**
 * The parts of a trace file, each checked for its kind and range, its length, and its place among the others. What does
 * not fit is refused with its path in the file. Fields this version does not know are passed over.
 */
import { said } from '../text/said.ts';
import { type Canvas, nextSlot, openId, type SlotId } from './canvas.ts';
import { UnmaskError } from './error.ts';
import { finite, floats, integer, integers, list, object, text, traceError, wrong } from './json-shape.ts';
import type { Prediction } from './network.ts';
import type { Op } from './ops.ts';
import { slotsOf } from './replay.ts';
import { defaultSettings, formatSetting, parseSetting, SETTING_NAMES, type Settings } from './settings.ts';
import type { Cursor, Edit, Ended, Step, Trace } from './trace.ts';

/** Far above anything a model here writes, low enough to keep a page alive. */
const LIMIT = {
  slots: 16_384,
  steps: 16_384,
  edits: 16_384,
  earlier: 1024,
  ops: 65_536,
  alternatives: 1024,
  pieces: 2 ** 18,
};
/** A page goes through all steps for every slot and every edit, and draws the text of every slot. */
const WORK = { line: 2 ** 24, tree: 2 ** 26, characters: 2 ** 20, piece: 2000 };
export const INT32 = 2 ** 31 - 1;

/**
 * Throws when a page would stand still over these lines: each part of a file may be in order, and the whole be made to
 * be gone through forever, as many steps on many slots are, or one long text for every slot.
 */
export function checkWork(lines: readonly Pick<Trace, 'start' | 'steps' | 'edits' | 'pieces'>[]): void {
  let all = 0;
  for (const line of lines) {
    const { steps, edits, pieces } = line;
    const slots = slotsOf(line);
    const work = (steps.length + 1) * (slots + edits.length);
    all += work;
    if (work > WORK.line || all > WORK.tree) {
      const whole = lines.length > 1 ? said` in ${lines.length} branches` : '';
      throw traceError(
        said`The trace is too large to be shown: ${steps.length} steps and ${edits.length} changes on ${slots} slots${whole}.`,
        'Record a shorter run, or open it with another program.',
      );
    }
    let longest = 0;
    for (const [, piece] of Object.entries(pieces)) longest = Math.max(longest, piece.length);
    if (longest * slots > WORK.characters) {
      throw traceError(
        said`The trace has a token of ${longest} characters; a text of such tokens is too long to be shown.`,
      );
    }
  }
}

/** What the file does not name is as in `base`: a parent's settings, or the defaults, which a newer setting had then. */
export function readSettings(value: unknown, path: string, base: Settings): Settings {
  const found = object(value, path);
  const settings: Record<string, unknown> = { ...base };
  for (const name of SETTING_NAMES) {
    if (!Object.hasOwn(found, name)) continue;
    const setting = found[name];
    if (typeof setting !== typeof settings[name]) throw wrong(`${path}.${name}`, `a ${typeof settings[name]}`, setting);
    try {
      // There and back through the text of links, which checks the range.
      settings[name] = parseSetting(name, formatSetting(name, setting as never));
    } catch (cause) {
      throw traceError(said`The trace is damaged: ${path}.${name}: ${UnmaskError.from(cause).toJSON().message}`);
    }
  }
  return settings as unknown as Settings;
}

/** Settings of the first steps, where a run went on with others; files of runs that did not have none. */
export function readEarlier(value: unknown, path: string, steps: number): Pick<Trace, 'earlier'> {
  if (value === undefined) return {};
  let last = 0;
  const earlier = list(value, path, LIMIT.earlier).map((item, i) => {
    const one = object(item, `${path}[${i}]`);
    last = integer(one['until'], `${path}[${i}].until`, last + 1, steps);
    return { until: last, settings: readSettings(one['settings'], `${path}[${i}].settings`, defaultSettings()) };
  });
  return { earlier };
}

export function readCanvas(value: unknown, path: string): Canvas {
  const canvas = object(value, path);
  const ids = integers(canvas['ids'], `${path}.ids`, { least: openId(undefined), most: INT32, limit: LIMIT.slots });
  const length = ids.length;
  const states = integers(canvas['states'], `${path}.states`, { least: 0, most: 4, length, limit: LIMIT.slots });
  return {
    ids: Int32Array.from(ids),
    states: Uint8Array.from(states),
    ...(canvas['order'] === undefined ? {} : { order: readOrder(canvas['order'], `${path}.order`, length) }),
  };
}

function readOrder(value: unknown, path: string, length: number): NonNullable<Canvas['order']> {
  const order = object(value, path);
  const next = integer(order['next'], `${path}.next`, 0, LIMIT.slots);
  const slots = integers(order['slots'], `${path}.slots`, { least: 0, most: next - 1, length, limit: LIMIT.slots });
  if (new Set(slots).size < length) throw wrong(`${path}.slots`, 'slots, each once', order['slots']);
  return { slots: Int32Array.from(slots), next };
}

/** What version of the file says how steps are written. */
export interface Written {
  readonly version: 1 | 2 | 3;
  readonly start: Canvas;
  /** Steps read before, on the same canvas. */
  readonly before: readonly Step[];
}

/** The steps after `before`. */
export function readSteps(value: unknown, path: string, { version, start, before }: Written): Step[] {
  const standing = new Standing(start, before);
  return list(value, path, LIMIT.steps - before.length).map((item, i) => {
    const at = `${path}[${i}]`;
    const step = object(item, at);
    // What was asked stood there before anything came or went.
    const asked = {
      prediction: readPrediction(step['prediction'], `${at}.prediction`, standing),
      ...(step['edits'] === undefined ? {} : { edits: readRates(step['edits'], `${at}.edits`, standing) }),
    };
    const ops = version === 3 ? readOps(step['ops'], `${at}.ops`, standing) : readOldOps(step, at, standing);
    const index = integer(step['index'], `${at}.index`, before.length + i, before.length + i);
    return { index, ops, ...asked, ...readRest(step, at, standing.places) };
  });
}

/** Which slots there are, step by step. */
class Standing {
  readonly #slots: Set<SlotId>;
  #next: SlotId;
  #plain: boolean;

  constructor(start: Canvas, before: readonly Step[]) {
    this.#slots = new Set(start.order?.slots ?? start.ids.keys());
    this.#next = nextSlot(start);
    this.#plain = start.order === undefined;
    for (const { ops } of before) for (const op of ops) this.done(op);
  }

  get places(): number {
    return this.#slots.size;
  }

  /** No slot has come. */
  get isPlain(): boolean {
    return this.#plain;
  }

  /** A slot that stands. */
  read(value: unknown, path: string): SlotId {
    const slot = integer(value, path, 0, this.#next - 1);
    if (!this.#slots.has(slot)) throw wrong(path, 'a slot that is there', value);
    return slot;
  }

  /** A slot that comes. */
  readNew(value: unknown, path: string): SlotId {
    return integer(value, path, this.#next, LIMIT.slots - 1);
  }

  /** `op`, after which there are other slots. */
  done(op: Op): Op {
    if ('insert' in op) {
      this.#plain = false;
      this.#slots.add(op.insert);
      this.#next = Math.max(this.#next, op.insert + 1);
    } else if ('remove' in op) this.#slots.delete(op.remove);
    return op;
  }
}

function readOps(value: unknown, path: string, standing: Standing): Op[] {
  return list(value, path, LIMIT.ops).map((op, i) => readOp(op, `${path}[${i}]`, standing));
}

const readId = (value: unknown, path: string) => integer(value, path, 0, INT32);

function readOp(value: unknown, path: string, standing: Standing): Op {
  const op = object(value, path);
  const kinds = ['set', 'mask', 'insert', 'remove'].filter((kind) => op[kind] !== undefined);
  if (kinds.length !== 1) throw wrong(path, 'one of set, mask, insert and remove', value);
  if (op['set'] !== undefined) {
    return { set: standing.read(op['set'], `${path}.set`), id: readId(op['id'], `${path}.id`) };
  }
  if (op['mask'] !== undefined) return { mask: standing.read(op['mask'], `${path}.mask`) };
  if (op['remove'] !== undefined) return standing.done({ remove: standing.read(op['remove'], `${path}.remove`) });
  return standing.done({
    insert: standing.readNew(op['insert'], `${path}.insert`),
    ...(op['after'] === undefined ? {} : { after: standing.read(op['after'], `${path}.after`) }),
    id: readId(op['id'], `${path}.id`),
  });
}

/** Versions 1 and 2 knew only tokens set and slots masked again, in two lists. */
function readOldOps(step: Readonly<Record<string, unknown>>, path: string, standing: Standing): Op[] {
  const slots = (name: string) => {
    const found = list(step[name], `${path}.${name}`, LIMIT.slots);
    return found.map((slot, i) => standing.read(slot, `${path}.${name}[${i}]`));
  };
  const revealed = slots('revealed');
  const length = revealed.length;
  const ids = integers(step['revealedIds'], `${path}.revealedIds`, { least: 0, most: INT32, length, limit: length });
  return [
    ...revealed.map((slot, i): Op => ({ set: slot, id: ids[i] as number })),
    ...slots('remasked').map((slot): Op => ({ mask: slot })),
  ];
}

function readRest(step: Readonly<Record<string, unknown>>, path: string, places: number) {
  return {
    next: readCursor(step['next'], `${path}.next`),
    forwards: integer(step['forwards'], `${path}.forwards`, 0, INT32),
    milliseconds: finite(step['milliseconds'], `${path}.milliseconds`, 0),
    ...(step['ended'] === undefined ? {} : { ended: readEnded(step['ended'], `${path}.ended`, places) }),
  };
}

function readRates(value: unknown, path: string, standing: Standing): NonNullable<Step['edits']> {
  const edits = object(value, path);
  const insert = readPrediction(edits['insert'], `${path}.insert`, standing);
  const rates = object(edits['rates'], `${path}.rates`);
  const read = (name: string) => floats(rates[name], `${path}.rates.${name}`, insert.slots.length);
  return { rates: { set: read('set'), remove: read('remove'), insert: read('insert') }, insert };
}

function readEnded(value: unknown, path: string, slots: number): Ended {
  const ended = object(value, path);
  const from = integer(ended['from'], `${path}.from`, 0, slots - 1);
  const to = integer(ended['to'], `${path}.to`, from + 1, slots);
  const saved = ended['saved'];
  return { from, to, ...(saved === undefined ? {} : { saved: integer(saved, `${path}.saved`, 0, INT32) }) };
}

function readCursor(value: unknown, path: string): Cursor {
  const cursor = object(value, path);
  const read = (name: string) => integer(cursor[name], `${path}.${name}`, 0, INT32);
  const place = { step: read('step'), block: read('block'), grid: read('grid') };
  return {
    ...place,
    ...(cursor['uncounted'] === undefined ? {} : { uncounted: read('uncounted') }),
    ...(cursor['time'] === undefined ? {} : { time: finite(cursor['time'], `${path}.time`, 0) }),
    ...(cursor['flow'] === undefined ? {} : { flow: finite(cursor['flow'], `${path}.flow`, 0) }),
  };
}

function readPrediction(value: unknown, path: string, standing: Standing): Prediction {
  const prediction = object(value, path);
  const at = (name: string) => `${path}.${name}`;
  const { places } = standing;
  const found = list(prediction['slots'], at('slots'), places);
  const asked = found.map((slot, i) => standing.read(slot, at(`slots[${i}]`)));
  asked.forEach((slot, i) => {
    // Ascending as long as no slot has come between others.
    const before = asked[i - 1] ?? -1;
    if (standing.isPlain ? slot <= before : asked.indexOf(slot) < i) {
      throw wrong(at(`slots[${i}]`), standing.isPlain ? 'more than the one before' : 'none of those before', slot);
    }
  });
  const m = asked.length;
  const topK = integer(prediction['topK'], at('topK'), 0, LIMIT.alternatives);
  const ids = (name: string, length: number) =>
    Int32Array.from(integers(prediction[name], at(name), { least: -1, most: INT32, length, limit: length }));
  const forwards = integer(prediction['forwards'], at('forwards'), 0, INT32);
  return {
    slots: Int32Array.from(asked),
    ids: ids('ids', m),
    logProbs: floats(prediction['logProbs'], at('logProbs'), m),
    entropy: floats(prediction['entropy'], at('entropy'), m),
    logSumExp: floats(prediction['logSumExp'], at('logSumExp'), m),
    topK,
    topIds: ids('topIds', m * topK),
    topLogProbs: floats(prediction['topLogProbs'], at('topLogProbs'), m * topK),
    forwards,
    // Files from before there were partial passes do not say.
    rows: prediction['rows'] === undefined ? forwards * places : integer(prediction['rows'], at('rows'), 0, INT32),
  };
}

/** Edits before steps `first` to `last`. */
export function readEdits(value: unknown, path: string, first: number, last: number, slots: number): Edit[] {
  return list(value, path, LIMIT.edits).map((edit, i) => readEdit(edit, `${path}[${i}]`, first, last, slots));
}

function readEdit(value: unknown, path: string, first: number, last: number, slots: number): Edit {
  const edit = object(value, path);
  return {
    before: integer(edit['before'], `${path}.before`, first, last),
    slot: integer(edit['slot'], `${path}.slot`, 0, slots - 1),
    id: integer(edit['id'], `${path}.id`, openId(undefined), INT32),
    state: integer(edit['state'], `${path}.state`, 0, 4),
  };
}

/** Absent from runs of models that have none. */
export function readMaskId(value: unknown): number | undefined {
  return value === undefined ? undefined : integer(value, 'maskId', 0, INT32);
}

export function readModel(value: unknown): Trace['model'] {
  const model = object(value, 'model');
  const of = model['adapter'];
  const adapter = of === undefined ? undefined : object(of, 'model.adapter');
  const learnt = model['learnt'];
  return {
    id: text(model['id'], 'model.id', 1000),
    parameters: integer(model['parameters'], 'model.parameters', 0, Number.MAX_SAFE_INTEGER),
    ...(adapter && {
      adapter: {
        id: text(adapter['id'], 'model.adapter.id', 1000),
        weight: finite(adapter['weight'], 'model.adapter.weight'),
      },
    }),
    ...(learnt !== undefined && { learnt: integer(learnt, 'model.learnt', 0, Number.MAX_SAFE_INTEGER) }),
  };
}

export function readBackend(value: unknown, path: string): Trace['backend'] {
  const backend = object(value, path);
  return { name: text(backend['name'], `${path}.name`, 100), device: text(backend['device'], `${path}.device`, 1000) };
}

export function readPieces(value: unknown): Record<number, string> {
  const entries = Object.entries(object(value, 'pieces'));
  if (entries.length > LIMIT.pieces) throw wrong('pieces', said`at most ${LIMIT.pieces} entries`, value);
  const pieces: Record<number, string> = {};
  for (const [key, piece] of entries) {
    if (!/^(0|[1-9][0-9]{0,9})$/.test(key)) throw wrong('pieces', 'texts by token id', key);
    pieces[Number(key)] = text(piece, `pieces.${key}`, WORK.piece);
  }
  return pieces;
}
