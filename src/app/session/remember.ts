/** Small values that survive a reload. Private windows may refuse storage; then nothing is remembered and nothing breaks. */

import { EMBEDDED } from './embed.ts';

const PREFIX = 'unmask.';

export function recall<T extends object>(name: string, defaults: T): T {
  if (EMBEDDED) return defaults;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return defaults;
    const merged = { ...defaults };
    for (const key of Object.keys(defaults) as (keyof T)[]) {
      const value: unknown = (stored as Partial<T>)[key];
      if (isLike(value, defaults[key])) merged[key] = value as T[keyof T];
    }
    return merged;
  } catch {
    return defaults;
  }
}

export function remember(name: string, value: object): void {
  if (EMBEDDED) return;
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: the page works without it.
  }
}

/** Of the kind of the default; where that says nothing, anything but a missing value. */
function isLike(value: unknown, standard: unknown): boolean {
  if (value === undefined) return false;
  if (standard === undefined || standard === null) return true;
  if (typeof value !== typeof standard || value === null) return false;
  return Array.isArray(value) === Array.isArray(standard) && !Number.isNaN(value);
}

/** Puts what is remembered under a name where nothing looks for it. */
export function moveAside(name: string): void {
  try {
    const stored = localStorage.getItem(PREFIX + name);
    if (stored === null) return;
    localStorage.setItem(`${PREFIX}aside.${name}`, stored);
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Storage is full or forbidden: then there is nothing to put aside.
  }
}
