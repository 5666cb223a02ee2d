import { DOMParser } from 'linkedom';
import { expect, test } from 'vitest';
import { insertedIn, removedIn } from '../../../../diffusion/ops.ts';
import { editedTrace, hostileTrace, shippedTrace } from '../../../testing/traces.ts';
import { frameAt } from '../../../trace/frame.ts';
import type { Measure } from './marks.ts';
import { sceneOf } from './scene.ts';
import { svgOf } from './svg.ts';
import { familiesOf, INKS } from './theme.ts';

const measure: Measure = (text, _, size) => (text.length * size) / 2;

function draw(trace: ReturnType<typeof shippedTrace>, playhead: number): string {
  const scene = sceneOf(trace, frameAt(trace, playhead), { footer: true, first: 0 }, measure);
  return svgOf(scene, 'dark', { title: trace.settings.prompt, description: 'what is seen', language: 'en' });
}

test('colours and fonts are those of the style sheet, without the stand-ins that only the page has', () => {
  expect(INKS.light['paper']).toMatch(/^#/);
  expect(INKS.dark['paper']).not.toBe(INKS.light['paper']);
  expect(familiesOf('serif', 'en')).toBe("'Source Serif 4 Variable', 'Source Serif 4', Georgia, serif, serif");
  expect(familiesOf('ui', 'zh-Hant')).toMatch(/^'Inter Variable', 'Inter', 'PingFang TC', .*, system-ui, sans-serif$/);
  expect(familiesOf('mono', 'zh-Hans')).not.toMatch(/var|\n/);
});

test('the picture holds every word that is written, and no mask’s', () => {
  const trace = shippedTrace();
  const shown = (playhead: number) => {
    const document = new DOMParser().parseFromString(draw(trace, playhead), 'image/svg+xml');
    return [...document.querySelectorAll('text')].map((one) => one.textContent).join(' ');
  };
  expect(shown(trace.steps.length)).toContain('Tom wanted to help the key .');
  expect(shown(0)).toContain('One morning , Tom');
  expect(shown(0)).not.toContain('pretty');
});

test('edits are drawn as a proofreader does: a line through what goes, a caret where a word came in', () => {
  const trace = editedTrace();
  const points = (playhead: number) => {
    const { marks } = sceneOf(trace, frameAt(trace, playhead), { footer: false, first: 0 }, measure);
    return marks.flatMap((mark) => (mark.kind === 'line' && mark.dash === undefined ? [mark] : []));
  };
  const count = (playhead: number, ends: number, ink: string) =>
    points(playhead).filter((line) => line.points.length === ends && line.ink === ink).length;
  const { steps } = trace;
  expect(steps.flatMap(removedIn).length).toBeGreaterThan(0);
  expect(steps.flatMap(insertedIn).length).toBeGreaterThan(0);
  for (let playhead = 0; playhead <= steps.length; playhead++) {
    // What went in the last step is struck out; what came in stays marked.
    const last = steps[playhead - 1];
    expect(count(playhead, 2, 'again')).toBe(last ? removedIn(last).length : 0);
    expect(count(playhead, 3, 'now')).toBe(steps.slice(0, playhead).flatMap(insertedIn).length);
  }
});

test('a word that looks like markup is a word', () => {
  const svg = draw(hostileTrace(), 2);
  const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
  expect(document.querySelectorAll('script, image, foreignObject, style').length).toBe(0);
  expect([...document.querySelectorAll('text')].map((one) => one.textContent)).toContain(
    '</script><script>alert(1)</script>',
  );
});

test('a question stands above the text, cut to the width, and moves everything below it', () => {
  const trace = shippedTrace();
  const frame = frameAt(trace, 3);
  const plain = sceneOf(trace, frame, { footer: true, first: 0 }, measure);
  const asked = sceneOf(trace, frame, { footer: true, first: 0, heading: 'why '.repeat(80) }, measure);
  const texts = (marks: typeof plain.marks) => marks.filter((mark) => mark.kind === 'text');
  const [question, first] = texts(asked.marks);
  expect(question?.text).toMatch(/^why .*why…$/);
  expect(question?.width).toBeLessThan(asked.width);
  expect(first?.y).toBeCloseTo((texts(plain.marks)[0]?.y ?? 0) + asked.height - plain.height);
});
