/** Keys that work anywhere on the page. A table, so that the help and the page cannot disagree about what exists. */

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
export const MOD = apple ? '⌘' : 'Ctrl';

const ON_TOP = CSS.supports('selector(:popover-open)') ? 'dialog[open], :popover-open' : 'dialog[open]';

export interface Shortcut {
  readonly key: string;
  /** With ⌘ or Ctrl. */
  readonly mod?: boolean;
  readonly shift?: boolean;
  /** A single key without a modifier, which people may turn off. */
  readonly single?: boolean;
  run(): void;
}

/** Text fields, lists and buttons keep the keys they need themselves. */
function busy(target: EventTarget | null, { mod, key }: Shortcut): boolean {
  if (mod && key !== 'z') return false;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('textarea, select, input:not([type=range]):not([type=checkbox])'))
    return key !== 'Escape';
  return key === ' ' && target.matches('button, a, summary, input');
}

export function listenForKeys(shortcuts: readonly Shortcut[], singleKeys: () => boolean): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.isComposing) return;
    const pressed = event.metaKey || event.ctrlKey;
    const found = shortcuts.find(
      ({ key, mod = false, shift = false, single = false }) =>
        event.key.toLowerCase() === key.toLowerCase() && mod === pressed && (single || event.shiftKey === shift),
    );
    if (!found || (found.single && !singleKeys()) || busy(event.target, found)) return;
    // What is open on top takes Escape for itself.
    if (document.querySelector(ON_TOP) && found.key !== '?') return;
    event.preventDefault();
    found.run();
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
