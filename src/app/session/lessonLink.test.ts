import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLink } from '../../diffusion/link.ts';
import { SETTING_NAMES, SETTINGS } from '../../diffusion/settings.ts';
import { anySettings } from '../../diffusion/testing/arbitrary.ts';
import { LANGUAGES, type Language } from '../messages/languages.ts';
import { formatWishes, GROUPS, type Group, LONGEST_TEXT, parseWishes, type Wishes } from './lessonLink.ts';
import { addressQuery } from './linkAddress.ts';

const anyLesson = fc
  .record({
    rules: fc.array(fc.constantFrom('free', 'locked', 'hidden'), {
      minLength: GROUPS.length,
      maxLength: GROUPS.length,
    }),
    asks: fc.boolean(),
    exempt: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
    text: fc.string({
      unit: fc.constantFrom('a', 'é', '句', '🐈', '<', '&', '"', '=', '#', '%', ' ', '\n'),
      maxLength: 40,
    }),
  })
  .map(({ rules, asks, exempt, text }) => {
    const of = (rule: string) => GROUPS.filter((_, i) => rules[i] === rule);
    const [hidden, locked] = [of('hidden'), of('locked')];
    const free = SETTING_NAMES.filter(
      (name, i) => exempt[i % exempt.length] && [...hidden, ...locked].includes(SETTINGS[name].group),
    );
    const lesson = { hidden, locked, free, asks, text: text.trim() };
    return lesson.hidden.length + lesson.locked.length > 0 || lesson.text !== '' || asks ? lesson : undefined;
  });
const anyWishes: fc.Arbitrary<Wishes> = fc.record({
  lesson: anyLesson,
  language: fc.constantFrom(undefined, ...(Object.keys(LANGUAGES) as Language[])),
  plays: fc.boolean(),
});

describe('a lesson in a link', () => {
  test('comes back as it went, beside any settings', () => {
    fc.assert(
      fc.property(anyWishes, anySettings, (wishes, settings) => {
        const query = addressQuery(settings, wishes);
        expect(parseWishes(query)).toEqual({ wishes, problems: [] });
        expect(parseLink(query)).toEqual({ settings, problems: [] });
      }),
    );
  });

  test('is never the end of the page, whatever it says', () => {
    const keys = fc.constantFrom('hide', 'lock', 'free', 'ask', 'say', 'lang', 'play', 'x');
    const pairs = fc.array(fc.tuple(keys, fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          pairs.map((all) => new URLSearchParams(all).toString()),
        ),
        (query) => {
          const { lesson } = parseWishes(query).wishes;
          expect([...(lesson?.text ?? '')].length).toBeLessThanOrEqual(LONGEST_TEXT);
        },
      ),
    );
  });

  test('says what of it could not be used', () => {
    const { wishes, problems } = parseWishes(
      `hide=model.colour&lock=model.chance&free=seed.steps.mood&lang=tlh&play=yes&say=${'a'.repeat(500)}`,
    );
    expect(wishes).toEqual({
      lesson: { hidden: ['model'], locked: ['chance'], free: ['seed'], asks: false, text: 'a'.repeat(400) },
      language: undefined,
      plays: false,
    });
    expect(problems).toEqual([
      { kind: 'groups', found: 'colour' },
      { kind: 'groups', found: 'mood' },
      { kind: 'text', found: '' },
      { kind: 'language', found: 'tlh' },
      { kind: 'play', found: 'yes' },
    ]);
  });

  test('is plain text: no control characters, nothing that turns a line around', () => {
    const said = new URLSearchParams({ say: 'a\u0000\u0007b\u202e c\r\nd <b>e</b>' }).toString();
    expect(parseWishes(said).wishes.lesson?.text).toBe('ab c\nd <b>e</b>');
    expect(formatWishes(parseWishes('').wishes)).toEqual([]);
  });
});

/**
 * Every component of Generate with something to press, and whether a lesson can rule it; `always` is what a lesson may not
 * take away: to run, to look at what was written, and to read explanations. A setting's own group stands in its row.
 */
const RULED: Readonly<Record<string, Group | 'setting' | 'always'>> = {
  'views/generate/Adapter.tsx': 'model',
  'views/generate/AdapterPart.tsx': 'always', // opened by Adapter.tsx alone
  'views/generate/BranchList.tsx': 'always', // BranchStrip.tsx asks
  'views/generate/OddLine.tsx': 'always',
  'views/generate/SourceLine.tsx': 'setting',
  'views/generate/BrushTools.tsx': 'steer',
  'fields/ChoiceField.tsx': 'setting',
  'views/generate/Controls.tsx': 'always', // reset, which leaves ruled settings alone, and what unfolds the rarer ones
  'views/generate/CanvasTable.tsx': 'always', // selects; what changes a slot asks as on the canvas
  'views/generate/EditForm.tsx': 'always', // opened by SlotActions alone
  'fields/Explain.tsx': 'always',
  'views/generate/GenerateButton.tsx': 'always',
  'views/generate/GenerateView.tsx': 'always', // opens and closes the settings
  'views/generate/Notices.tsx': 'always',
  'fields/NumberField.tsx': 'setting',
  'fields/OrderField.tsx': 'setting',
  'views/generate/PromptField.tsx': 'setting',
  'views/generate/PromptNotes.tsx': 'setting',
  'fields/SeedField.tsx': 'setting',
  'views/generate/Sheets.tsx': 'always', // a second sheet, which only branches bring
  'views/generate/Shelf.tsx': 'prompt',
  'views/generate/SlotActions.tsx': 'steer',
  'views/generate/SpanPanel.tsx': 'steer',
  'views/generate/AsMade.tsx': 'always',
  'views/generate/StepPanel.tsx': 'always',
  'fields/SwitchField.tsx': 'setting',
  'views/generate/Alternatives.tsx': 'steer',
  'views/generate/TimeLine.tsx': 'always',
  'views/generate/Toolbar.tsx': 'files',
  'views/generate/Transport.tsx': 'steer',
  'views/generate/UnderSheet.tsx': 'always',
  'views/generate/WeakNotice.tsx': 'always',
  'shell/DeviceChip.tsx': 'device',
  'shell/ModelChip.tsx': 'model',
};

describe('every control of Generate', () => {
  const folder = new URL('../', import.meta.url);
  const source = (file: string) => readFileSync(new URL(file, folder), 'utf8');
  const pressed = /<(button|input|select|textarea|summary|IconButton|CopyButton|Segments)\b|role="slider"/;
  const files = (floor: string) =>
    readdirSync(new URL(floor, folder))
      .filter((name) => name.endsWith('.tsx'))
      .map((name) => `${floor}${name}`);
  const found = [
    ...files('views/generate/'),
    ...files('fields/').filter((file) => /Field[.]tsx$|Explain/.test(file)),
  ].filter((file) => pressed.test(source(file)));

  test('is in a group of lessons, or is always there', () => {
    expect(found.filter((file) => !(file in RULED))).toEqual([]);
  });

  test.each(Object.entries(RULED))('%s asks the lesson: %s', (file, rule) => {
    const text = source(file);
    expect(pressed.test(text)).toBe(true);
    if (rule === 'setting') expect(text).toMatch(/use(Setting)?Rule\(|<Ruled /);
    else if (rule !== 'always') expect(text).toMatch(new RegExp(`['"]${rule}['"]`));
  });
});
