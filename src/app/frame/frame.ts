/**
 * What a page says that browsers do not let run: one in a sandboxed frame without an origin of its own, where no module,
 * no worker and no model may be fetched, or one that was opened as a file. It is a classic script, which may come even
 * there, and `theme.js` asks for it when the page has no origin.
 */
import { pick } from '../messages/pick.ts';

interface FrameWords {
  /** In `<noscript>`, which tools/frame-plugin.ts writes. */
  readonly needsScript: string;
  readonly sandboxed: string;
  readonly sandboxedRemedy: string;
  readonly file: string;
  readonly fileRemedy: string;
  readonly open: string;
}

const texts = import.meta.glob<FrameWords>('../messages/text/*/frame.json', { eager: true, import: 'default' });
const byTag = new Map(Object.entries(texts).map(([path, words]) => [path.split('/').at(-2) ?? '', words]));

/** What a frame must allow: scripts, the page's own origin; and links that open the whole page. */
export const NEEDED = 'sandbox="allow-scripts allow-same-origin allow-popups allow-downloads"';

/** Puts the sentences in the place of the page. */
export function explain(document: Document, { protocol, href }: Location, languages: readonly string[]): void {
  const linked = /[?&]lang=([\w-]+)/.exec(href)?.[1];
  const tag = pick(linked ? [linked, ...languages] : languages, ['en', ...byTag.keys()]);
  const words = byTag.get(tag);
  const root = document.getElementById('root');
  if (!words || !root) return;
  const file = protocol === 'file:';
  const element = (name: string, text: string) => Object.assign(document.createElement(name), { textContent: text });
  const place = document.createElement('main');
  place.lang = tag;
  place.setAttribute('style', '');
  Object.assign(place.style, { maxWidth: '36em', margin: '2em auto', padding: '0 1em', font: '16px/1.5 sans-serif' });
  place.append(
    element('h1', 'Unmask'),
    element('p', file ? words.file : words.sandboxed),
    element('p', file ? words.fileRemedy : words.sandboxedRemedy),
  );
  if (!file) {
    const code = element('code', NEEDED);
    Object.assign(code.style, { overflowWrap: 'anywhere' });
    const whole = element('a', words.open) as HTMLAnchorElement;
    whole.href = href.replace(/[?]embed(?=#|$)/, '');
    whole.target = '_blank';
    whole.rel = 'noopener';
    const paragraphs = [code, whole].map((one) => {
      const paragraph = document.createElement('p');
      paragraph.append(one);
      return paragraph;
    });
    place.append(...paragraphs);
  }
  root.replaceChildren(place);
}
