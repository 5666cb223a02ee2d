/**
 * Links as they arrive: what mail programs, chats, address bars and redirects were seen to do to them (RFC 2045 §6.7 for
 * soft line breaks, RFC 3986 §2.4 for decoding twice). The kinds come from reports of people who sent links of versions 1
 * and 2 around; the inputs are our own.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatLink, type Link, parseLink } from './link.ts';
import { encoded, extended, hashIn, readHash, readPairs, writeQuery } from './link-text.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { anySettings } from './testing/arbitrary.ts';
import version2 from './testing/links-v2.json' with { type: 'json' };

const PAGE = 'https://page.example/app/';
const withText = (prompt: string, more: Partial<Settings> = {}) => ({ ...defaultSettings(), prompt, seed: 7, ...more });
/** Texts in which every sign that some program touches occurs. */
const anyText = fc.string({
  unit: fc.constantFrom(
    'a',
    'B',
    '7',
    ' ',
    '+',
    '%',
    '%20',
    '%2B',
    '&',
    '=',
    '#',
    '?',
    '.',
    ')',
    '>',
    '"',
    'é',
    '句',
    '🐈',
    '[MASK]',
    '&amp;',
    '\n',
  ),
  maxLength: 24,
});

/** What happens to the query of a link. `whole`: the link must say the same, without a word; otherwise a word will do. */
const ways: readonly (readonly [name: string, change: (query: string) => string])[] = [
  ['as it was', (query) => query],
  ['decoded once too often', decodeURIComponent],
  ['encoded once more', encodeURIComponent],
  ['encoded twice more', (query) => encodeURIComponent(encodeURIComponent(query))],
  ['with its % encoded once more', (query) => query.replaceAll('%', '%25')],
  ['with + for spaces', (query) => query.replaceAll('%20', '+')],
  ['as a form writes it', (query) => new URLSearchParams(query).toString()],
  ['with small hexadecimal digits', (query) => query.replace(/%../g, (code) => code.toLowerCase())],
  ['with &amp;', (query) => query.replaceAll('&', '&amp;')],
  ['in quoted-printable', (query) => query.replaceAll('=', '=3D').replace(/((?:=3D|[^=]){60})/g, '$1=\r\n')],
  ['wrapped', (query) => query.replace(/(.{20})/g, '$1\r\n')],
  ['wrapped and quoted', (query) => query.replace(/(.{30})/g, '$1\n> ')],
  ['with a full stop', (query) => `${query}.`],
  ['with the # of the next link', (query) => `${query}#`],
  ['with a slash', (query) => `${query}/`],
  ['in brackets', (query) => `${query}).`],
  ['in angle brackets', (query) => `${query}%3E,`],
  ['with quotation marks', (query) => `${query}%E2%80%9D`],
  ['tracked behind', (query) => `${query}&utm_source=mail&utm_medium=x&fbclid=IwAR0_x-y`],
  ['tracked behind a question mark', (query) => `${query}?gclid=Cj0.x-y_z`],
  ['tracked before', (query) => `utm_campaign=a%20b&${query}`],
  ['tracked in the middle', (query) => query.replace('&', '&mc_eid=123&')],
  ['tracked by a program nobody knows', (query) => `${query}&zz_track=1&_q9=a`],
  ['decoded and tracked', (query) => `${decodeURIComponent(query)}&utm_source=x`],
  ['with &amp; and a full stop', (query) => `${query.replaceAll('&', '&amp;')}.`],
];

const plain = ({ settings, moment }: Link) => ({ settings, moment });

describe.each(ways)('a link %s', (_, change) => {
  test('says the same, without a word', () => {
    fc.assert(
      fc.property(anyText, anyText, (prompt, system) => {
        const settings = withText(prompt, { mode: 'chat', system, temperature: 0.5 });
        expect(parseLink(`#/generate?${change(formatLink(settings))}`)).toEqual({ settings, problems: [] });
      }),
      { numRuns: 60 },
    );
  });

  test('to a moment is that moment, with the settings of then', () => {
    const settings = withText('Tom had a+b & "c".', { temperature: 0.5 });
    const moment = {
      step: 6,
      edits: [],
      earlier: [{ until: 3, settings: { ...settings, prompt: 'x = 1+1 & 50%20', temperature: 0.3, seed: 9 } }],
    };
    const link = parseLink(change(formatLink(settings, { moment })));
    expect([plain(link), link.problems]).toEqual([{ settings, moment }, []]);
  });
});

test('whatever happens to a link, it says the same, or it says that it does not', () => {
  const blows = fc.array(
    fc.oneof(
      fc.constantFrom(...ways.map(([, change]) => change)),
      fc.nat({ max: 60 }).map((at) => (query: string) => query.slice(0, Math.max(20, query.length - at))),
      fc.tuple(fc.nat(400), fc.constantFrom('+', '%', 'a', ' ', '&', '%20', '=')).map(
        ([at, sign]) =>
          (query: string) =>
            query.slice(0, 20 + (at % Math.max(1, query.length - 20))) +
            sign +
            query.slice(20 + (at % Math.max(1, query.length - 20))),
      ),
    ),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(anySettings, blows, (settings, changes) => {
      let query = formatLink(settings);
      // No text is hidden behind a check that was cut off: it stands in front.
      for (const change of changes) {
        try {
          query = change(query);
        } catch {
          // Not to be decoded.
        }
      }
      const link = parseLink(query);
      if (link.problems.length === 0 && query.includes('check')) expect(link.settings).toEqual(settings);
    }),
    { numRuns: 150 },
  );
});

describe('a link of version 2', () => {
  test.each(version2.links as unknown as [string, Partial<Settings>][])('%s opens as it did', (link, changed) => {
    const { settings, problems } = parseLink(link);
    expect(settings).toEqual({ ...defaultSettings(), ...changed });
    expect(problems).toEqual([]);
  });

  test.each([
    ['its + encoded', 'v=2&prompt=Tom%2Bhad%2Ba%2Bred%2Bball&seed=7', 'Tom had a red ball', 1],
    [
      'its + encoded, between other signs',
      'v=2&prompt=%22Stop%21%22%2Bsaid%2BAnn.%2BShe%2Bran&seed=7',
      '"Stop!" said Ann. She ran',
      1,
    ],
    ['a sum', 'v=2&prompt=1%2B1%3D&seed=7', '1+1=', 1],
    ['a plus among words', 'v=2&prompt=one+%2B+one&seed=7', 'one + one', 0],
    ['its % encoded', 'v=2&prompt=Tom+%2526+I&seed=7', 'Tom %26 I', 1],
    ['&amp;', 'v=2&amp;prompt=Tom+had&amp;seed=7', 'Tom had', 0],
    ['whole encoding', 'v%3D2%26prompt%3DTom%2Bhad%26seed%3D7', 'Tom had', 0],
    ['=3D', 'v=3D2&prompt=3DTom+had&seed=3D7', 'Tom had', 0],
    ['tracking', 'v=2&prompt=Tom+had&seed=7&fbclid=x&utm_source=y', 'Tom had', 0],
    ['a full stop', 'v=2&prompt=Tom+had&seed=7.', 'Tom had', 0],
    ['a bracket', 'v=2&prompt=Tom+had&seed=7%3E', 'Tom had', 0],
  ])('with %s is read, and told where it is in doubt', (_, query, prompt, told) => {
    const { settings, problems } = parseLink(`#/generate?${query}`);
    expect([settings.prompt, settings.seed, problems.length]).toEqual([prompt, 7, told]);
  });

  test('whose past was decoded does not take the past for its settings', () => {
    const { settings, moment } = parseLink(
      'v=2&prompt=Tom&seed=7&step=6&past=before=3&temperature=0.3;before=5&seed=9',
    );
    expect([settings.temperature, settings.seed, moment?.earlier.map(({ until }) => until)]).toEqual([1, 7, [3, 5]]);
    expect(moment?.earlier.map((one) => [one.settings.temperature, one.settings.seed])).toEqual([
      [0.3, 7],
      [1, 9],
    ]);
  });
});

describe('the hash', () => {
  test.each([
    ['#/generate?seed=7', 'generate'],
    ['#/Generate?seed=7', 'generate'],
    ['#/generate/?seed=7', 'generate'],
    ['#/GENERATE//?seed=7', 'generate'],
    ['#generate?seed=7', 'generate'],
    ['#!/generate?seed=7', 'generate'],
    ['#/generate%3Fseed%3D7', 'generate'],
    ['#%2Fgenerate%3Fseed%3D7', 'generate'],
    ['#/generate%253Fseed%253D7', 'generate'],
    ['#/generate&seed=7', 'generate'],
    ['#/?seed=7', ''],
    ['#seed=7', ''],
    ['seed=7', ''],
    ['?seed=7', ''],
    ['#/genrate?seed=7', 'genrate'],
  ])('%s is read', (hash, view) => {
    const read = readHash(hash);
    expect([read.view, parseLink(read.query)]).toEqual([
      view,
      { settings: { ...defaultSettings(), seed: 7 }, problems: [] },
    ]);
  });

  test.each(['', '#', '#/', '#/learn', '#/learn/', '#/learn.', '#/Learn)'])('%j has no query', (hash) => {
    expect(readHash(hash).query).toBe('');
  });
});

describe('what a person pasted', () => {
  const settings = withText('Tom & a "red" ball + 2%.');
  const hash = `#/generate?${formatLink(settings)}`;
  const link = PAGE + hash;
  test.each([
    ['an address', link],
    ['a hash', hash],
    ['a query', formatLink(settings)],
    ['angle brackets', `<${link}>`],
    ['angle brackets and URL:', `<URL:${link}>.`],
    ['Markdown', `[the link](${link})`],
    ['a wrapped address', link.replace(/(.{40})/g, '$1\n')],
    ['a quoted mail', link.replace(/(.{50})/g, '$1\r\n> ')],
    ['quoted-printable', link.replaceAll('=', '=3D').replace(/((?:=3D|[^=]){70})/g, '$1=\r\n')],
    ['tracking before the hash', `${PAGE}?utm_source=a&gclid=b${hash}`],
    ['tracking behind it', `${link}&fbclid=c`],
    ['%23', link.replace('#', '%23')],
    ['no # at all, as typed by hand', link.replace('#/', '')],
    ['a link of Slack', `<${link}|the link>`],
    ['%23 and %3F', link.replace('#', '%23').replace('?', '%3F')],
    ['an address encoded whole behind its host', PAGE + encodeURIComponent(hash)],
    [
      'SafeLinks',
      `https://eur02.safelinks.protection.outlook.com/?url=${encodeURIComponent(link)}&data=05%7C02&reserved=0`,
    ],
    ['a search engine’s redirect', `https://www.google.com/url?q=${encodeURIComponent(link)}&sa=D&ust=17`],
    [
      'a redirect of a redirect',
      `https://l.example/?u=${encodeURIComponent(`https://m.example/?url=${encodeURIComponent(link)}`)}`,
    ],
  ])('%s leads to the settings', (_, pasted) => {
    expect(parseLink(`?${readHash(hashIn(pasted)).query}`)).toEqual({ settings, problems: [] });
  });

  test.each([
    ['https://urldefense.com/v3/__https://page.example/*/generate?v=3&seed=7__;Iw!!x$', 'leads through urldefense.com'],
    [
      'https://urldefense.proofpoint.com/v2/url?u=https-3A__page_-23_generate',
      'leads through urldefense.proofpoint.com',
    ],
    ['https://page.example/app/', 'carries no settings'],
  ])('%s is refused', (pasted, sentence) => {
    expect(() => hashIn(pasted)).toThrow(sentence);
  });
});

test('a query says its pairs again, whatever they are, and more can be put behind', () => {
  const anyPairs = fc.array(fc.tuple(fc.stringMatching(/^[a-z][a-z-]{0,9}$/), fc.string({ unit: 'grapheme' })), {
    maxLength: 12,
  });
  const own = ([key]: readonly [string, string]) => key !== 'v' && key !== 'check' && !/^(si|spm)$/.test(key);
  fc.assert(
    fc.property(anyPairs, anyPairs, (some, more) => {
      const [first, second] = [some.filter(own), more.filter(own)];
      expect(readPairs(extended(writeQuery(first), second)).pairs).toEqual([...first, ...second]);
    }),
  );
});

test('no sign of a query means something to a program that passes it on, and its last is none of a sentence', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(encoded(text)).toMatch(/^(?:[\w.-]|%[0-9A-F]{2})*$/);
    }),
  );
  expect(encoded("It's (1+1)~*!.")).toBe('It%27s%20%281%2B1%29%7E%2A%21%2E');
});

// Were any of it read again for each of its characters, it would take minutes.
test('a long or a hostile query is read in one go', () => {
  const pieces = Array.from({ length: 99 }, (_, i) => `k${i}=${'x'.repeat(40)}`).join('&');
  for (const query of [
    `v=3&check=40-abc&${pieces}`,
    `v=3&check=1-abc&prompt=${'%20'.repeat(250_000)}`,
    `v=3&check=1-abc&prompt=${'.'.repeat(1_000_000)}`,
    ' '.repeat(1_000_000),
    `check=2-a${'%0A%20'.repeat(120_000)}`,
    `v=2&prompt=${'+'.repeat(1_000_000)}`,
    `v=2&prompt=${'%2B'.repeat(250_000)}`,
  ]) {
    expect(parseLink(query).settings.seed).toBe(defaultSettings().seed);
  }
});
