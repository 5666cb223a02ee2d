/** Keys that act on the slot in focus, or on the span that ends there. Single letters can be turned off; Enter, Delete and Escape always work. */

import { applyTool, keepSlots, maskSlots, writeAlternative } from './current.ts';
import { usePreferences } from './preferences.ts';
import { select } from './run.ts';
import { spanSlots, useTools } from './tools.ts';

/** The inspector listens for this to move the focus to its buttons or to open the editor. */
export const ACT = 'unmask:act';

/** Returns whether the key meant something. */
export function actOnSlot(key: string, slot: number): boolean {
  select(slot);
  const span = spanSlots();
  const slots = span.length > 0 ? span : [slot];
  const brush = useTools.getState().tool !== 'point';
  if (brush && (key === ' ' || key === 'Enter')) applyTool(slots);
  else if (key === 'Enter') ask('actions');
  else if (key === 'Delete' || key === 'Backspace') maskSlots(slots);
  else if (!usePreferences.getState().singleKeys) return false;
  else if (key === 'k' || key === 'K') keepSlots(slots);
  else if (key === 'e' || key === 'E') ask('edit');
  else if (/^[1-9]$/.test(key) && span.length === 0) return writeAlternative(slot, Number(key) - 1);
  else return false;
  return true;
}

function ask(what: 'actions' | 'edit'): void {
  window.dispatchEvent(new CustomEvent(ACT, { detail: what }));
}
