/**
 * A list of slots as short text, for links: `0-15,32,47-40` is slots 0 to 15, then 32, then 47 down to 40. The order of
 * the list is what it says: earlier comes first.
 */
import { said } from '../text/said.ts';
import { UnmaskError } from './error.ts';

/** Longer than any canvas of the settings. */
const MOST = 8192;

/** Each slot once, where it is named first. Throws `UnmaskError` code `settings`. */
export function parseSlots(text: string): number[] {
  const slots = new Set<number>();
  const parts = text.trim() === '' ? [] : text.split(',');
  for (const part of parts) {
    const [, first, last = first] = /^ *(\d{1,4}) *(?:- *(\d{1,4}) *)?$/.exec(part) ?? [];
    const from = Number(first);
    const to = Number(last);
    if (!(from < MOST && to < MOST)) throw refusal(part);
    for (let slot = from; slot !== to; slot += Math.sign(to - from)) slots.add(slot);
    slots.add(to);
  }
  return [...slots];
}

/** The shortest text of the list, so that equal orders have equal links. */
export function formatSlots(slots: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < slots.length; i++) {
    const first = slots[i] as number;
    const stride = (slots[i + 1] ?? Number.NaN) - first;
    if (Math.abs(stride) !== 1) {
      parts.push(String(first));
      continue;
    }
    while (slots[i + 1] === (slots[i] as number) + stride) i++;
    parts.push(`${first}-${slots[i]}`);
  }
  return parts.join(',');
}

function refusal(part: string): UnmaskError {
  return new UnmaskError({
    code: 'settings',
    message: said`order cannot be used: "${part.slice(0, 40)}" is not a slot or a range of slots below ${MOST}.`,
    remedy: 'Write slots of the new text, counted from 0, and ranges between commas: 0-15,32,40-47.',
  });
}
