/**
 * Reads a trace file. Files come from other people, so nothing is believed: every number is checked for its kind and
 * range, every list for its length, and whatever does not fit is refused with its place in the file. Fields this version
 * does not know are passed over.
 */
import type { Canvas } from './canvas.ts';
import type { Prediction } from './denoiser.ts';
import { UnmaskError } from './error.ts';
import { finite, floats, integer, integers, list, object, text, traceError, wrong } from './json-shape.ts';
import { defaultSettings, formatSetting, parseSetting, SETTING_NAMES, type Settings } from './settings.ts';
import type { Cursor, Edit, Step, Trace } from './trace.ts';
import { TRACE_FORMAT } from './trace-encode.ts';

/** Far above anything a model here writes, low enough to keep a page alive. */
const LIMIT = { characters: 2 ** 28, slots: 65_536, steps: 65_536, edits: 65_536, alternatives: 1024, pieces: 2 ** 20 };
const INT32 = 2 ** 31 - 1;

/** Throws `UnmaskError` code `trace`. */
export function decodeTrace(json: string): Trace {
  if (json.length > LIMIT.characters) {
    throw traceError(
      `The trace has ${json.length} characters, more than the ${LIMIT.characters} that are read.`,
      'Record a shorter run, or save it with fewer alternatives per token.',
    );
  }
  const file = object(parse(json), 'the file');
  if (file['format'] !== TRACE_FORMAT) throw traceError('This is not a trace.', 'Choose a file saved by this program.');
  checkVersion(file['version']);

  const start = readCanvas(file['start']);
  const slots = start.ids.length;
  const model = object(file['model'], 'model');
  const backend = object(file['backend'], 'backend');
  const steps = list(file['steps'], 'steps', LIMIT.steps).map((step, i) => readStep(step, i, slots));
  return {
    version: 1,
    settings: readSettings(file['settings']),
    model: {
      id: text(model['id'], 'model.id', 1000),
      parameters: integer(model['parameters'], 'model.parameters', 0, Number.MAX_SAFE_INTEGER),
    },
    backend: {
      name: text(backend['name'], 'backend.name', 100),
      device: text(backend['device'], 'backend.device', 1000),
    },
    start,
    maskId: integer(file['maskId'], 'maskId', 0, INT32),
    steps,
    edits: list(file['edits'], 'edits', LIMIT.edits).map((edit, i) =>
      readEdit(edit, `edits[${i}]`, slots, steps.length),
    ),
    pieces: readPieces(file['pieces']),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    const why = cause instanceof Error ? ` (${cause.message.slice(0, 200)})` : '';
    throw traceError(`This is not a trace: it is not JSON${why}.`, 'Choose a file saved by this program.');
  }
}

function checkVersion(version: unknown): void {
  if (version === 1) return;
  if (typeof version === 'number' && version > 1) {
    throw traceError(
      `The trace was made by a newer version of this program (format ${version}; this one reads format 1).`,
      'Reload the page to get the newest version, then open the trace again.',
    );
  }
  throw wrong('version', '1', version);
}

function readSettings(value: unknown): Settings {
  const found = object(value, 'settings');
  const settings: Record<string, unknown> = { ...defaultSettings() };
  for (const name of SETTING_NAMES) {
    // A setting newer than the trace had its default then.
    if (!Object.hasOwn(found, name)) continue;
    const setting = found[name];
    if (typeof setting !== typeof settings[name])
      throw wrong(`settings.${name}`, `a ${typeof settings[name]}`, setting);
    try {
      // There and back through the text of links, which checks the range.
      settings[name] = parseSetting(name, formatSetting(name, setting as never));
    } catch (cause) {
      throw traceError(`The trace is damaged: settings.${name}: ${UnmaskError.from(cause).message}`);
    }
  }
  return settings as unknown as Settings;
}

function readCanvas(value: unknown): Canvas {
  const canvas = object(value, 'start');
  const ids = integers(canvas['ids'], 'start.ids', { least: 0, most: INT32, limit: LIMIT.slots });
  const length = ids.length;
  const states = integers(canvas['states'], 'start.states', { least: 0, most: 4, length, limit: LIMIT.slots });
  return { ids: Int32Array.from(ids), states: Uint8Array.from(states) };
}

function readStep(value: unknown, index: number, slots: number): Step {
  const path = `steps[${index}]`;
  const step = object(value, path);
  const slotList = (name: string) =>
    integers(step[name], `${path}.${name}`, { least: 0, most: slots - 1, limit: LIMIT.slots });
  const revealed = slotList('revealed');
  const length = revealed.length;
  return {
    index: integer(step['index'], `${path}.index`, index, index),
    block: integer(step['block'], `${path}.block`, 0, INT32),
    quota: integer(step['quota'], `${path}.quota`, 0, INT32),
    revealed,
    revealedIds: integers(step['revealedIds'], `${path}.revealedIds`, { least: 0, most: INT32, length, limit: length }),
    remasked: slotList('remasked'),
    prediction: readPrediction(step['prediction'], `${path}.prediction`, slots),
    next: readCursor(step['next'], `${path}.next`),
    forwards: integer(step['forwards'], `${path}.forwards`, 0, INT32),
    milliseconds: finite(step['milliseconds'], `${path}.milliseconds`, 0),
  };
}

function readCursor(value: unknown, path: string): Cursor {
  const cursor = object(value, path);
  const read = (name: string) => integer(cursor[name], `${path}.${name}`, 0, INT32);
  const place = { step: read('step'), block: read('block'), grid: read('grid') };
  return cursor['uncounted'] === undefined ? place : { ...place, uncounted: read('uncounted') };
}

function readPrediction(value: unknown, path: string, slots: number): Prediction {
  const prediction = object(value, path);
  const at = (name: string) => `${path}.${name}`;
  const asked = integers(prediction['slots'], at('slots'), { least: 0, most: slots - 1, limit: slots });
  asked.forEach((slot, i) => {
    // Views look slots up by bisection.
    if (i > 0 && slot <= (asked[i - 1] as number)) throw wrong(at(`slots[${i}]`), 'more than the one before', slot);
  });
  const m = asked.length;
  const topK = integer(prediction['topK'], at('topK'), 0, LIMIT.alternatives);
  const ids = (name: string, length: number) =>
    Int32Array.from(integers(prediction[name], at(name), { least: -1, most: INT32, length, limit: length }));
  return {
    slots: Int32Array.from(asked),
    ids: ids('ids', m),
    logProbs: floats(prediction['logProbs'], at('logProbs'), m),
    entropy: floats(prediction['entropy'], at('entropy'), m),
    logSumExp: floats(prediction['logSumExp'], at('logSumExp'), m),
    topK,
    topIds: ids('topIds', m * topK),
    topLogProbs: floats(prediction['topLogProbs'], at('topLogProbs'), m * topK),
    forwards: integer(prediction['forwards'], at('forwards'), 0, INT32),
  };
}

function readEdit(value: unknown, path: string, slots: number, steps: number): Edit {
  const edit = object(value, path);
  return {
    before: integer(edit['before'], `${path}.before`, 0, steps),
    slot: integer(edit['slot'], `${path}.slot`, 0, slots - 1),
    id: integer(edit['id'], `${path}.id`, 0, INT32),
    state: integer(edit['state'], `${path}.state`, 0, 4),
  };
}

function readPieces(value: unknown): Record<number, string> {
  const entries = Object.entries(object(value, 'pieces'));
  if (entries.length > LIMIT.pieces) throw wrong('pieces', `at most ${LIMIT.pieces} entries`, value);
  const pieces: Record<number, string> = {};
  for (const [key, piece] of entries) {
    if (!/^(0|[1-9][0-9]{0,9})$/.test(key)) throw wrong('pieces', 'texts by token id', key);
    pieces[Number(key)] = text(piece, `pieces.${key}`, 10_000);
  }
  return pieces;
}
