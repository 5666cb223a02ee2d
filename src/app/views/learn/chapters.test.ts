/** Script and prose of the course: every beat has its words, every mark points at something that is there. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../messages/languages.ts';
import type { ChapterText } from '../../messages/learnWords.ts';
import { CHAPTERS } from './chapters/index.ts';
import { targetsIn } from './prose.ts';
import type { Beat } from './script.ts';
import { SLOT_TARGETS } from './targets.ts';

const prose = (language: string, id: string) =>
  JSON.parse(
    readFileSync(new URL(`../../messages/text/${language}/learn/${id}.json`, import.meta.url), 'utf8'),
  ) as ChapterText;

/** Names of `data-target` that stand on the page of a beat. */
function thingsOf({ scene, controls = [], figure, tries, question }: Beat): string[] {
  const lanes = scene.lanes?.map(({ writer }) => writer) ?? [];
  const training = scene.training ? ['text', 'before', 'after'] : [];
  return [
    ...(scene.training ? ['canvas'] : ['canvas', 'play']),
    ...controls,
    ...(figure ? [figure] : []),
    ...(tries || question ? ['try'] : []),
    ...(question ? ['ask'] : []),
    ...lanes,
    ...training,
  ];
}

test('chapters have names of their own, and so have their beats', () => {
  expect(new Set(CHAPTERS.map(({ id }) => id)).size).toBe(9);
  for (const { beats } of CHAPTERS) expect(new Set(beats.map(({ id }) => id)).size).toBe(beats.length);
});

describe.each(Object.keys(LANGUAGES))('%s', (language) => {
  test.each(CHAPTERS.map((chapter) => [chapter.id, chapter] as const))('%s has its words', (id, { beats }) => {
    const text = prose(language, id);
    expect(Object.keys(text.beats)).toEqual(beats.map((beat) => beat.id));
    for (const beat of beats) {
      const words = text.beats[beat.id];
      const { question, tries = [] } = beat;
      expect(words?.text.length, beat.id).toBeGreaterThan(0);
      expect(Object.keys(words?.tries ?? {}), beat.id).toEqual(tries.map((one) => one.id));
      const options = question && typeof question.options !== 'string' ? question.options : [];
      expect(Object.keys(words?.options ?? {}), beat.id).toEqual([...options]);
      expect(words?.ask !== undefined, beat.id).toBe(question !== undefined);
      expect(words?.told !== undefined, beat.id).toBe(question !== undefined);
      expect(Object.keys(words?.claim ?? {}), beat.id).toEqual([...(beat.claim?.options ?? [])]);
      // A sentence per answer has one for every answer.
      if (typeof words?.told === 'object') expect(Object.keys(words.told), beat.id).toEqual([...options]);
    }
  });

  test.each(CHAPTERS.map((chapter) => [chapter.id, chapter] as const))(
    'marks of %s point at something',
    (id, { beats }) => {
      const text = prose(language, id);
      for (const beat of beats) {
        const words = text.beats[beat.id];
        const known = new Set([...(beat.scene.training ? [] : SLOT_TARGETS), ...thingsOf(beat)]);
        for (const paragraph of [...(words?.text ?? []), ...(words?.after ?? [])]) {
          for (const target of targetsIn(paragraph)) expect([...known], `${beat.id}: ${target}`).toContain(target);
        }
      }
    },
  );
});
