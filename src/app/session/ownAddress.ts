/**
 * The address of the view that is open, written a moment after its settings change: a dragged slider would otherwise
 * exceed what browsers allow. A page that is reloaded within that moment still comes back as it was: browsers take the
 * address of before, so what was due is kept for this tab and stands there before anything reads the address.
 */
import { EMBEDDED } from './embed.ts';

const WAIT = 200;
const DUE = 'unmask.due';

/** What is to be done when the page is left before an address that is due has been written. */
const pending = new Set<() => void>();
// Without a window there is no page to leave.
globalThis.addEventListener?.('pagehide', () => {
  for (const leave of [...pending]) leave();
});

interface Writer {
  /** The address is to be written. */
  readonly later: () => void;
  /** What was due no longer is. */
  readonly forget: () => void;
}

/** `hash` gives the address from `#` on, and undefined where it is another view's; called when it is written. */
export function ownAddress(hash: () => string | undefined): Writer {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const forget = () => {
    clearTimeout(timer);
    timer = undefined;
    pending.delete(leave);
  };
  const write = () => {
    forget();
    const next = hash();
    if (next !== undefined) history.replaceState(history.state, '', `${location.search}${next}`);
  };
  const leave = () => {
    const before = location.hash;
    write();
    if (EMBEDDED || location.hash === before) return;
    try {
      sessionStorage.setItem(DUE, JSON.stringify([before, location.hash]));
    } catch {
      // Storage is full or forbidden: the change of the last moment is lost.
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(write, WAIT);
    pending.add(leave);
  };
  return { later, forget };
}

// Before any store reads the address: those that do import this.
takeDue();

/** Puts what was due when the page was left where it belongs, if that is the page that is opened. */
function takeDue(): void {
  try {
    const due: unknown = JSON.parse(sessionStorage.getItem(DUE) ?? 'null');
    sessionStorage.removeItem(DUE);
    if (!Array.isArray(due) || due[0] !== location.hash) return;
    history.replaceState(history.state, '', `${location.search}${String(due[1])}`);
  } catch {
    // Storage is forbidden, or holds something else: the address stays.
  }
}
