import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { explain, NEEDED } from './frame.ts';

const at = (href: string) => ({ href, protocol: new URL(href).protocol }) as Location;
function said(href: string, languages: readonly string[]) {
  const { document } = parseHTML('<body><div id="root">old</div></body>');
  explain(document as unknown as Document, at(href), languages);
  return document.querySelector('main');
}

test('a sandboxed frame is told what its sandbox must allow, and leads to the whole page', () => {
  const main = said('https://class.example/unmask/?embed#/generate?v=2&seed=7', ['pl', 'en']);
  expect(main?.textContent).toContain('sandboxed without an origin');
  expect(main?.querySelector('code')?.textContent).toBe(NEEDED);
  expect(NEEDED).toMatch(/allow-scripts .*allow-same-origin/);
  expect(main?.querySelector('a')?.getAttribute('href')).toBe('https://class.example/unmask/#/generate?v=2&seed=7');
});

test('in the language of the link, else of the reader', () => {
  expect(said('https://a.example/#/generate?lang=zh-Hant', ['zh-CN'])?.lang).toBe('zh-Hant');
  expect(said('https://a.example/', ['zh-CN'])?.lang).toBe('zh-Hans');
});

test('a page opened as a file is told that it needs a server', () => {
  const main = said('file:///tmp/dist/index.html', []);
  expect(main?.textContent).toContain('opened as a file');
  expect(main?.querySelector('a')).toBeNull();
});
