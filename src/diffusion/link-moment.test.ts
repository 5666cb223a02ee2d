import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slot } from './canvas.ts';
import { formatLink, parseLink } from './link.ts';
import { type LinkedEdit, type LinkedMoment, momentOf } from './link-moment.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { anySettings } from './testing/arbitrary.ts';
import type { Trace } from './trace.ts';

const anyEdit: fc.Arbitrary<LinkedEdit> = fc
  .record({
    before: fc.nat({ max: 300 }),
    slot: fc.nat({ max: 1000 }),
    id: fc.nat({ max: 60_000 }),
    state: fc.constantFrom(Slot.Pinned, Slot.Revealed, Slot.Remasked),
  })
  .map((edit) => (edit.state === Slot.Remasked ? { ...edit, id: undefined } : edit));

const anyMoment = (now: Settings): fc.Arbitrary<LinkedMoment> =>
  fc.record({
    step: fc.nat({ max: 2000 }),
    edits: fc.array(anyEdit, { maxLength: 20 }).map((edits) => edits.toSorted((a, b) => a.before - b.before)),
    earlier: fc
      .uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 3 })
      .chain((ends) =>
        fc.tuple(
          ...ends
            .sort((a, b) => a - b)
            .map((until) => anySettings.map((settings) => ({ until, settings: { ...settings, model: now.model } }))),
        ),
      ),
  });

describe('a link to a moment', () => {
  test('carries it there and back, with the settings of then and now', () => {
    const linked = anySettings.chain((settings) => anyMoment(settings).map((moment) => ({ settings, moment })));
    fc.assert(
      fc.property(linked, ({ settings, moment }) => {
        expect(parseLink(formatLink(settings, { moment }))).toEqual({ settings, moment, problems: [] });
      }),
    );
  });

  test('of version 2, as it was made before links had checks, opens as it did', () => {
    expect(parseLink('v=2&length=6&steps=3&temperature=0.5&seed=9&step=3&edits=2-7-3')).toEqual({
      settings: { ...defaultSettings(), length: 6, steps: 3, temperature: 0.5, seed: 9 },
      moment: { step: 3, edits: [{ before: 2, slot: 7, id: 3, state: Slot.Pinned }], earlier: [] },
      problems: [],
    });
  });

  test('is short', () => {
    const edit = { before: 5, slot: 12, id: 345, state: Slot.Pinned };
    const edits = [edit, { ...edit, slot: 13, state: Slot.Revealed }, { ...edit, id: undefined, state: Slot.Remasked }];
    const earlier = [{ until: 5, settings: { ...defaultSettings(), temperature: 0.5 } }];
    expect(formatLink(defaultSettings(), { moment: { step: 9, edits, earlier } })).toMatch(
      /^v=3&check=3-\w+&step=9&edits=5-12-345_5-13-345r_5-12-m&past=before%3D5%26temperature%3D0.5$/,
    );
  });

  test.each([
    ['step=-1', 'step must be'],
    ['step=70000', 'step must be'],
    ['step=2&edits=1-2', 'edits are damaged'],
    ['step=2&edits=5-1-1_4-1-1', 'out of order'],
    ['step=2&edits=1-2-99999999999', 'edits are damaged'],
    ['edits=1-2-3', 'not at which step'],
    ['step=2&past=before%3D0%26seed%3D1', 'out of order'],
    ['step=2&past=before%3D3%26colour%3Dred', 'no setting'],
    ['step=2&past=before%3D3%26model%3Da', 'no setting'],
    ['step=2&past=before%3D3%26seed%3Dx', 'seed must be'],
  ])('with %s says so, and its settings are used', (query, sentence) => {
    const { settings, moment, problems } = parseLink(`v=2&length=9&${query}`);
    expect([settings.length, moment, problems.length]).toEqual([9, undefined, 1]);
    expect(problems[0]?.message).toContain(sentence);
  });

  test('is not made of what no link can say', () => {
    const trace = { steps: [], maskId: 8, edits: [{ before: 0, slot: 0, id: 3, state: Slot.Given }] };
    expect(momentOf(trace as unknown as Trace, 0)).toBeUndefined();
    const masked = { ...trace, edits: [{ before: 0, slot: 0, id: 8, state: Slot.Remasked }] };
    expect(momentOf(masked as unknown as Trace, 0)?.edits[0]).toMatchObject({ slot: 0, id: undefined });
  });
});
