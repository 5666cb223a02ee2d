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
      const value = (stored as Partial<T>)[key];
      if (value !== undefined) merged[key] = value as T[keyof T];
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
