/**
 * A moment of a run in a link: `step=12` says how many steps have been made, `edits=5-12-345` what a person changed on the
 * way, `before=5&temperature=0.3` (encoded once more) with which other settings the run began. The text itself is not
 * carried: whoever opens the link makes the same run again.
 *
 * An edit is `before-slot-id`, a word that the person wrote or kept; with `r` behind the id one that they let go again;
 * with `m` for the id a mask. Edits are joined by `_`.
 */
import { said, type Text } from '../text/said.ts';
import { openId, Slot } from './canvas.ts';
import { UnmaskError } from './error.ts';
import { encoded } from './link-text.ts';
import { formatSetting, parseSetting, SETTING_NAMES, SETTINGS, type Settings, settingOfKey } from './settings.ts';
import type { EarlierSettings, Edit, Trace } from './trace.ts';

export interface LinkedEdit {
  readonly before: number;
  readonly slot: number;
  /** Undefined for a mask, whose id only the model knows. */
  readonly id: number | undefined;
  readonly state: typeof Slot.Pinned | typeof Slot.Revealed | typeof Slot.Remasked;
}

export interface LinkedMoment {
  /** Steps made. */
  readonly step: number;
  readonly edits: readonly LinkedEdit[];
  /** As in a Trace; by ascending `until`. */
  readonly earlier: readonly EarlierSettings[];
}

export const MOMENT_KEYS = ['step', 'edits', 'past'] as const;

const LIMIT = { step: 65_535, edits: 4096, earlier: 64 };
const EDIT = /^(\d{1,5})-(\d{1,5})-(?:(\d{1,9})(r?)|m)$/;
const WHOLE = /^(0|[1-9]\d{0,4})$/;

/** The moment of a Trace; undefined when something was done to it that no link can say. */
export function momentOf({ steps, edits, maskId, earlier = [] }: Trace, step: number): LinkedMoment | undefined {
  const linked = edits.map(({ before, slot, id, state }) => ({
    before,
    slot,
    id: state === Slot.Remasked ? undefined : id,
    state: state as LinkedEdit['state'],
  }));
  const sayable = edits.every(({ id, state }) =>
    state === Slot.Remasked ? id === openId(maskId) : state === Slot.Pinned || state === Slot.Revealed,
  );
  const few = linked.length <= LIMIT.edits && earlier.length <= LIMIT.earlier && steps.length <= LIMIT.step;
  if (!sayable || !few) return undefined;
  return { step, edits: linked.toSorted((a, b) => a.before - b.before), earlier };
}

/** The edits of a link for a model whose masks have this id. */
export function editsOf({ edits }: LinkedMoment, maskId: number | undefined): Edit[] {
  return edits.map((edit) => ({ ...edit, id: edit.id ?? openId(maskId) }));
}

/** Keys and values, in the order of `MOMENT_KEYS`. */
export function formatMoment({ step, edits, earlier }: LinkedMoment, settings: Settings): [string, string][] {
  const past = earlier.map((one) => formatEarlier(one, settings));
  return [
    ['step', String(step)],
    ...(edits.length > 0 ? [['edits', edits.map(formatEdit).join('_')] as [string, string]] : []),
    ...(past.length > 0 ? [['past', past.join(';')] as [string, string]] : []),
  ];
}

function formatEdit({ before, slot, id, state }: LinkedEdit): string {
  return `${before}-${slot}-${id === undefined ? 'm' : `${id}${state === Slot.Revealed ? 'r' : ''}`}`;
}

/** What was otherwise before step `until`; a query of its own, in which `;` is encoded. */
function formatEarlier({ until, settings }: EarlierSettings, now: Settings): string {
  const changed = SETTING_NAMES.filter((name) => settings[name] !== now[name]);
  const query = changed.map((name) => `${SETTINGS[name].key}=${encoded(formatSetting(name, settings[name]))}`);
  return [`before=${until}`, ...query].join('&');
}

/** The moment that these keys of a link tell, for a link with these settings. Never throws. */
export function parseMoment(
  found: readonly (readonly [string, string])[],
  settings: Settings,
): { readonly moment?: LinkedMoment; readonly problems: readonly UnmaskError[] } {
  if (found.length === 0) return { problems: [] };
  const given = Object.fromEntries(found) as Partial<Record<(typeof MOMENT_KEYS)[number], string>>;
  try {
    if (given.step === undefined) throw wrong('The link tells of changes to a text, but not at which step.');
    if (!WHOLE.test(given.step) || Number(given.step) > LIMIT.step) {
      throw wrong(said`step must be a whole number from 0 to ${LIMIT.step}, but it is "${given.step.slice(0, 40)}".`);
    }
    const edits = given.edits === undefined ? [] : parseEdits(given.edits);
    const earlier = given.past === undefined ? [] : parsePast(given.past, settings);
    return { moment: { step: Number(given.step), edits, earlier }, problems: [] };
  } catch (cause) {
    // Half of a history would lead to another text, so it is all or nothing.
    return { problems: [UnmaskError.from(cause)] };
  }
}

function parseEdits(text: string): LinkedEdit[] {
  const parts = text.split('_');
  if (parts.length > LIMIT.edits) throw wrong(said`The link has more than ${LIMIT.edits} edits.`);
  let last = 0;
  return parts.map((part) => {
    const [whole, before, slot, id, letGo] = EDIT.exec(part) ?? [];
    if (whole === undefined || Number(before) < last) {
      throw wrong(said`The link's edits are damaged: "${part.slice(0, 40)}" is none, or out of order.`);
    }
    last = Number(before);
    const state = id === undefined ? Slot.Remasked : letGo === 'r' ? Slot.Revealed : Slot.Pinned;
    return { before: last, slot: Number(slot), id: id === undefined ? undefined : Number(id), state };
  });
}

function parsePast(text: string, now: Settings): EarlierSettings[] {
  const parts = text.split(';');
  if (parts.length > LIMIT.earlier) throw wrong(said`The link has more than ${LIMIT.earlier} changes of settings.`);
  let last = 0;
  return parts.map((part) => {
    const settings: Record<string, unknown> = { ...now };
    let until = 0;
    for (const [key, value] of new URLSearchParams(part)) {
      const name = settingOfKey(key);
      if (key === 'before' && WHOLE.test(value)) until = Number(value);
      else if (name === undefined || name === 'model')
        throw wrong(said`The link's past has "${key.slice(0, 40)}", which is no setting.`);
      else settings[name] = parseSetting(name, value);
    }
    if (until <= last) throw wrong(said`The link's past is damaged: "${part.slice(0, 40)}" is out of order.`);
    last = until;
    return { until, settings: settings as unknown as Settings };
  });
}

function wrong(message: Text): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message,
    remedy: 'The settings of the link are used without the step; ask for the run as a file instead.',
  });
}
