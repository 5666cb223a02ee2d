/** The files of translators: complete, nothing left over, the same places to fill in every language. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { completed, wholeTexts } from '../../../tools/whole-texts-plugin.ts';
import { textsOfSources, unnamed } from '../testing/sentences.ts';
import { targetsIn } from '../views/learn/prose.ts';
import { firstIn, LANGUAGES, languageFor, learnIn, viewsIn } from './languages.ts';
import { models } from './parts/models.ts';

const folder = new URL('./text/', import.meta.url);
/** Keyed by English sentences, which need no translation into English; tested apart. */
const ERRORS = 'errors.json';
const files = (language: string) =>
  readdirSync(new URL(`${language}/`, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && name !== ERRORS)
    .sort();
const read = (language: string, file: string): unknown =>
  JSON.parse(readFileSync(new URL(`${language}/${file}`, folder), 'utf8'));

/** What CLDR calls the plural forms of all languages. */
const PLURALS = new Set(['zero', 'one', 'two', 'few', 'many', 'other']);

/** Every text with the path to it. Plural forms count as one text, since languages differ in them. */
function* leaves(node: unknown, path: readonly string[] = []): Generator<readonly [string, string]> {
  if (typeof node === 'string') yield [path.join(' › '), node];
  else if (typeof node === 'object' && node !== null) {
    const entries = Object.entries(node);
    if ('other' in node && entries.every(([key]) => PLURALS.has(key)))
      yield [path.join(' › '), (node as { other: string }).other];
    else for (const [key, value] of entries) yield* leaves(value, [...path, key]);
  }
}
const sources = textsOfSources();
const places = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
const english = new Map(files('en').map((file) => [file, new Map(leaves(read('en', file)))]));

describe.each(Object.keys(LANGUAGES).filter((language) => language !== 'en'))('%s', (language) => {
  test.each([...english])('%s has the texts of English, and no others', (file, texts) => {
    const own = new Map(leaves(read(language, file)));
    expect([...own.keys()].sort()).toEqual([...texts.keys()].sort());
    for (const [path, text] of own) {
      const from = texts.get(path) ?? '';
      expect(places(text), path).toEqual(places(from));
      // Marked words point at the same things.
      expect(targetsIn(text).sort(), path).toEqual(targetsIn(from).sort());
    }
  });

  test('it has the files of English, and no others', () => {
    expect(files(language)).toEqual([...english.keys()]);
  });

  test('it has every sentence that the rooms below the page can say, and no others', () => {
    const own = Object.entries(read(language, ERRORS) as Record<string, string>);
    const { texts, sentences } = sources;
    const keys = new Set(own.map(([key]) => unnamed(key)));
    expect([...sentences].filter((sentence) => !keys.has(sentence))).toEqual([]);
    expect([...keys].filter((key) => !texts.has(key))).toEqual([]);
    // What is put together to one string could not be found in another language.
    expect([...sources.loose].filter((text) => keys.has(text))).toEqual([]);
    for (const [key, text] of own) expect(places(text), key).toEqual(places(key));
  });

  test('its sentences are translated', () => {
    // What reads alike in all languages has no lower-case English word of some length beside its places, or names a thing.
    const same = [...english].flatMap(([file, texts]) => {
      const own = new Map(leaves(read(language, file)));
      return [...texts].filter(
        ([path, text]) =>
          own.get(path) === text &&
          !/^(node|npm) /.test(text) &&
          (text.replace(/\{\w+\}/g, '').match(/\b[a-z]{3,}\b/g)?.length ?? 0) > 2,
      );
    });
    expect(same.map(([path]) => path)).toEqual([]);
  });
});

test('every file is among the texts that the page fetches together, or is fetched by itself', async () => {
  const { view, chapters } = await learnIn('en');
  const names = [...Object.keys(await firstIn('en')), ...Object.keys(await viewsIn('en')), 'frame'];
  const learn = Object.keys({ view, ...chapters }).map((name) => `learn/${name}`);
  expect([...names, ...learn].map((name) => `${name}.json`).sort()).toEqual([...english.keys()]);
});

test('French is set with its own spaces and apostrophes', () => {
  const wrong = /[\p{L}}]'| [;:!?%»]|[\p{L}\d})][;:!?»](?= |$)|« |\d%/u;
  const all = [...files('fr'), ERRORS].flatMap((file) => [...leaves(read('fr', file))]);
  expect(all.filter(([, text]) => wrong.test(text))).toEqual([]);
});

test('Spanish opens what it closes, and is set with its own quotation marks and spaces', () => {
  const all = [...files('es'), ERRORS].flatMap((file) => [...leaves(read('es', file))]);
  const count = (text: string, sign: string) => text.split(sign).length;
  const wrong = all.filter(([, whole]) => {
    // A key of the keyboard, or a mark that stands for what is not known.
    const text = whole.replace(/^[?]$|«[?]»/, '');
    return (
      ['¿?', '¡!', '«»'].some(([open, close]) => count(text, open as string) !== count(text, close as string)) ||
      /[“”]| …$|[\d}] ?%/.test(text)
    );
  });
  expect(wrong).toEqual([]);
});

describe('a sentence that a language lacks stands there in English', () => {
  const id = new URL('de/models.json', folder).pathname;
  const transform = wholeTexts().transform as (code: string, id: string) => { code: string } | undefined;
  const built = (texts: unknown, of = id) =>
    transform.call({ addWatchFile: () => undefined } as never, JSON.stringify(texts), of)?.code;

  test('wherever it is missing or of another kind, with the plural forms that the language has', () => {
    const from = {
      a: 'one',
      pair: ['label', 'help'],
      deep: { count: { one: '{n} cat', other: '{n} cats' }, b: 'two' },
    };
    expect(completed(from, {})).toEqual(from);
    expect(
      completed(from, { a: { b: 'eins' }, pair: ['Name'], deep: { count: { one: '{n} Katze' }, c: 'drei' } }),
    ).toEqual({
      ...from,
      pair: ['Name', 'help'],
    });
    const forms = { other: '{n}匹' };
    expect(completed(from, { ...from, deep: { count: forms, b: '二' } })).toEqual({
      ...from,
      deep: { count: forms, b: '二' },
    });
  });

  test('as the page is built, and a view that says it goes on', () => {
    const own = read('de', 'models.json') as Record<string, unknown>;
    const { storage: _, ...torn } = own;
    const whole = JSON.parse(built(torn) ?? '');
    expect(whole).toEqual({ ...own, storage: (read('en', 'models.json') as typeof own)['storage'] });
    expect(models(whole).storage.used(5e6)).toBe('Models take 5.0 MB.');
    expect(() => models(torn as typeof whole).storage.used(5e6)).toThrow(TypeError);
  });

  test('English and what has no English counterpart are left alone, and so is a whole language', () => {
    for (const name of ['en/models.json', 'de/errors.json', 'de/frame.json', 'GLOSSARY.md'])
      expect(built({}, new URL(name, folder).pathname)).toBeUndefined();
    for (const language of Object.keys(LANGUAGES).filter((name) => name !== 'en')) {
      for (const file of files(language).filter((name) => name !== 'frame.json')) {
        const own = read(language, file);
        expect(JSON.parse(built(own, new URL(`${language}/${file}`, folder).pathname) ?? '')).toEqual(own);
      }
    }
  });
});

test('no text is unused', () => {
  // Keys are often looked up by the name of a setting, a kernel or a stage, so any mention in the sources counts.
  const source = readdirSync(new URL('../../', import.meta.url), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /[.]tsx?$/.test(entry.name) && !entry.name.includes('.test.'))
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))
    .join('\n');
  const named = new Set(source.match(/[\w-]+/g));
  const isUsed = (key: string) =>
    /^\d+$/.test(key) || named.has(key) || key.includes('/') || source.includes(`'${key}'`);
  const unused = [...english].flatMap(([file, texts]) =>
    [...texts.keys()].filter((path) => !path.split(' › ').every(isUsed)).map((path) => `${file}: ${path}`),
  );
  expect(unused).toEqual([]);
});

test.each([
  [['pl-PL', 'zh-CN'], 'zh-Hans'],
  [['de-CH', 'zh-CN'], 'de'],
  [['zh-TW'], 'zh-Hant'],
  [['zh-HK', 'en'], 'zh-Hant'],
  [['zh'], 'zh-Hans'],
  [['en-GB'], 'en'],
  [['fr-CA', 'en'], 'fr'],
  [['es-MX', 'en'], 'es'],
  [['ja-JP'], 'ja'],
  [['it', 'not a tag'], 'en'],
  [[], 'en'],
])('who reads %j gets %s', (wanted, language) => {
  expect(languageFor(wanted)).toBe(language);
});
