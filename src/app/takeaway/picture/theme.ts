/**
 * The page's own colours and typefaces, read from its style sheet, so that a picture looks like the page in either theme
 * whatever the page itself shows at the moment.
 */
import tokens from '../../styles/tokens.css?raw';

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

function declarations(selector: string): Record<string, string> {
  const start = tokens.indexOf(`${selector} {`);
  const block = tokens.slice(tokens.indexOf('{', start) + 1, tokens.indexOf('}', start));
  return Object.fromEntries(Array.from(block.matchAll(/--([\w-]+):\s*([^;]+);/g), ([, name, value]) => [name, value]));
}

const light = declarations(':root');
const dark = declarations(":root[data-theme='dark']");

/** Colours by their names in the style sheet, without the dashes. */
export const INKS: Readonly<Record<Theme, Readonly<Record<string, string>>>> = { light, dark: { ...light, ...dark } };

export type FontName = 'serif' | 'ui' | 'mono';

/** Font families with what stands in for them elsewhere; the page's metric stand-ins exist only on the page. */
export const FONTS = Object.fromEntries(
  (['serif', 'ui', 'mono'] as const).map((name) => [
    name,
    (light[name] ?? '')
      .replace(/'(Serif|Sans) Fallback', /, '')
      .replace(/'([\w ]+) Variable',/, "'$1 Variable', '$1',"),
  ]),
) as Record<FontName, string>;

/** The theme that the page shows now. */
export function pageTheme(): Theme {
  return document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light';
}
