/**
 * The page's own colours and typefaces, read from its style sheet, so that a picture looks like the page in either theme
 * whatever the page itself shows at the moment.
 */
import tokens from '../../../styles/tokens.css?raw';

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

function declarations(selector: string): Record<string, string> {
  const start = tokens.indexOf(`${selector} {`);
  if (start < 0) return {};
  const block = tokens.slice(tokens.indexOf('{', start) + 1, tokens.indexOf('}', start));
  return Object.fromEntries(Array.from(block.matchAll(/--([\w-]+):\s*([^;]+);/g), ([, name, value]) => [name, value]));
}

const light = declarations(':root');
const dark = declarations(":root[data-theme='dark']");

/** Colours by their names in the style sheet, without the dashes. */
export const INKS: Readonly<Record<Theme, Readonly<Record<string, string>>>> = { light, dark: { ...light, ...dark } };

export type FontName = 'serif' | 'ui' | 'mono';

/** Families as the style sheet names them, but without the page's metric stand-ins, which no other page has. */
export function portable(list: string): string {
  return list
    .replace(/'(Serif|Sans) Fallback', /, '')
    .replace(/'([\w ]+) Variable',/, "'$1 Variable', '$1',")
    .replace(/\s+/g, ' ');
}

const families = new Map<string, string>();

/** The families of a font for a page in `language` (BCP 47): Chinese has fonts of its own behind the Latin ones. */
export function familiesOf(font: FontName, language: string): string {
  const key = `${font} ${language}`;
  const known = families.get(key);
  if (known !== undefined) return known;
  const han = declarations(`:root:lang(${language})`)['han'];
  const found = portable((light[font] ?? '').replace(/var\(--han, ([^)]+)\)/, (_, other: string) => han ?? other));
  families.set(key, found);
  return found;
}

/** The theme that the page shows now. */
export function pageTheme(): Theme {
  return document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light';
}
