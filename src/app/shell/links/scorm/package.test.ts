/** The zip as courses take it: valid against the schemas it carries, and spoken to by a real run-time, scorm-again. */
import { unzipSync } from 'fflate';
import { parseHTML } from 'linkedom';
import type RunTime from 'scorm-again/scorm12';
import * as scormAgain from 'scorm-again/scorm12';
import { expect, test, vi } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { findApi, type ScormApi, timespan, Visit } from './api.ts';
import { type Sco, scormPackage } from './package.ts';

vi.mock('./sco.ts?script', () => ({ default: '"the script, which a build makes";' }));

const SCO: Sco = {
  title: 'Ärger & <Masken> "eins"',
  address: 'https://class.example/unmask/?embed#/generate?v=2&prompt=%22hi%22&seed=7',
  language: 'en',
  words: { open: 'It’s open', done: 'Done', alone: 'Alone', refused: 'No: {error}', button: 'I have' },
};

const filesOf = async (sco: Sco) => {
  const entries = Object.entries(unzipSync(await scormPackage(sco)));
  return Object.fromEntries(entries.map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
};

test('the manifest is valid against the schemas of ADL and IMS that come with it, and names what is there', async () => {
  const files = await filesOf(SCO);
  const xml = files['imsmanifest.xml'] ?? '';
  const preload = ['imscp_rootv1p1p2.xsd', 'ims_xml.xsd'].map((fileName) => ({
    fileName,
    contents: files[fileName] ?? '',
  }));
  const schema = { fileName: 'adlcp_rootv1p2.xsd', contents: files['adlcp_rootv1p2.xsd'] ?? '' };
  const check = (contents: string) =>
    validateXML({ xml: { fileName: 'imsmanifest.xml', contents }, schema: [schema], preload });
  expect((await check(xml)).errors).toEqual([]);
  // The check can fail.
  expect((await check(xml.replace('adlcp:scormtype="sco"', 'adlcp:scormtype="lesson"'))).valid).toBe(false);
  expect((await check(xml.replace(/<organizations[\s\S]*<\/organizations>/, ''))).valid).toBe(false);
  for (const [, href = ''] of xml.matchAll(/href="([^"]+)"/g)) expect(Object.keys(files)).toContain(href);
});

test('the page carries title, address and words as they are', async () => {
  const { document } = parseHTML((await filesOf(SCO))['index.html'] ?? '');
  const frame = document.querySelector('iframe');
  expect([document.title, frame?.getAttribute('src'), frame?.getAttribute('title')]).toEqual([
    SCO.title,
    SCO.address,
    SCO.title,
  ]);
  expect(JSON.parse(document.body.getAttribute('data-words') ?? '')).toMatchObject({ open: 'It’s open', done: 'Done' });
});

test('the same lesson gives the same zip, another one another identifier', async () => {
  expect(await scormPackage(SCO)).toEqual(await scormPackage(SCO));
  const id = async (sco: Sco) => /identifier="(\S+)"/.exec((await filesOf(sco))['imsmanifest.xml'] ?? '')?.[1];
  expect(await id({ ...SCO, title: 'Another' })).not.toBe(await id(SCO));
});

// Its types call it the default export, its code by its name.
const { Scorm12API } = scormAgain as unknown as { readonly Scorm12API: typeof RunTime };
const runtimeOf = (api: ScormApi) => api as unknown as RunTime;
const runtime = () => {
  const api = new Scorm12API({ autocommit: false, logLevel: 5 });
  return { api: api as unknown as ScormApi, cmi: api.cmi };
};

test('a visit is begun, completed and ended, by a run-time that checks each call', () => {
  const { api, cmi } = runtime();
  let now = 0;
  const visit = new Visit(api, () => now);
  visit.begin();
  expect([cmi.core.lesson_status, visit.done, visit.error]).toEqual(['incomplete', false, undefined]);
  expect(visit.complete()).toBe(true);
  expect([cmi.core.lesson_status, visit.done]).toEqual(['completed', true]);
  now = 61_250;
  visit.end();
  expect(visit.error).toBeUndefined();
  expect([cmi.core.lesson_status, runtimeOf(api).isTerminated()]).toEqual(['completed', true]);
  // The line is closed, and the visit asks no more.
  expect(visit.complete()).toBe(false);
});

test('what was completed before stays so, and what was left can be gone on with', () => {
  const before = runtime();
  before.cmi.core.lesson_status = 'completed';
  const again = new Visit(before.api);
  again.begin();
  again.end();
  expect(before.cmi.core.lesson_status).toBe('completed');
  const left = runtime();
  const visit = new Visit(left.api);
  visit.begin();
  visit.end();
  expect([visit.error, left.cmi.core.lesson_status]).toEqual([undefined, 'incomplete']);
});

test('what the course refuses is told in its words', () => {
  const { api } = runtime();
  api.LMSInitialize('');
  const second = new Visit(api);
  second.begin(); // a second LMSInitialize is an error of the standard
  expect(second.complete()).toBe(false);
  expect(second.error).toMatch(/^101: \S/);
});

test('the API is found here, above, in the opener and above it; never through a window of another origin', () => {
  const { api } = runtime();
  const top = { API: api } as { API: ScormApi; parent?: object };
  top.parent = top;
  const middle = { parent: top };
  expect(findApi({ API: api })).toBe(api);
  expect(findApi({ parent: middle })).toBe(api);
  const alone: { parent?: object; opener?: object } = { opener: middle };
  alone.parent = alone;
  expect(findApi(alone)).toBe(api);
  expect(findApi({ parent: alone })).toBe(api);
  const foreign = new Proxy(
    {},
    {
      get: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    },
  );
  expect(findApi({ parent: foreign })).toBeUndefined();
  const nobody: { parent?: object } = {};
  nobody.parent = nobody;
  expect(findApi(nobody)).toBeUndefined();
});

test.each([
  [0, '0000:00:00.00'],
  [61_250, '0000:01:01.25'],
  [36_610_000, '0010:10:10.00'],
])('%i milliseconds are %s', (milliseconds, text) => {
  expect(timespan(milliseconds)).toBe(text);
});
