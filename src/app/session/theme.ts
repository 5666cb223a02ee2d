/** Puts the chosen theme on the page. index.html does the same before the first paint, so that nothing flashes. */
import { prefer, THEMES, usePreferences } from './preferences.ts';

const dark = matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const { theme } = usePreferences.getState();
  const shown = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  document.documentElement.dataset['theme'] = shown;
  const paper = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim();
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', paper);
}

export function startTheme(): () => void {
  apply();
  dark.addEventListener('change', apply);
  const unsubscribe = usePreferences.subscribe(apply);
  return () => {
    dark.removeEventListener('change', apply);
    unsubscribe();
  };
}

export function nextTheme(): void {
  const { theme } = usePreferences.getState();
  prefer({ theme: THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system' });
}
