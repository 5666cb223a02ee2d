/** Random settings and canvases for property tests: the whole of what a link can say, and runs small enough to repeat. */
import fc from 'fast-check';
import { type Canvas, continueCanvas, fillCanvas } from '../canvas.ts';
import { formatTurns, type Turn } from '../conversation.ts';
import { type CurvePoint, formatCurve } from '../curve.ts';
import type { Control } from '../rows.ts';
import {
  defaultSettings,
  PATTERNS,
  SAMPLERS,
  SCHEDULE_CHOICES,
  SETTING_NAMES,
  SETTINGS,
  type Settings,
} from '../settings.ts';
import { formatSlots } from '../slot-list.ts';
import { type TableNetwork, tableNetwork } from './table-network.ts';

/** Any order drawn by hand. */
export const anySlots: fc.Arbitrary<number[]> = fc.uniqueArray(fc.nat({ max: 40 }), { maxLength: 24 });

/** Any conversation. */
export const anyTurns: fc.Arbitrary<Turn[]> = fc.array(
  fc.record({ question: fc.string({ unit: 'binary' }), answer: fc.string({ unit: 'binary' }) }),
  { maxLength: 4 },
);

/** Any valid points of a drawn schedule. */
export const anyCurve: fc.Arbitrary<CurvePoint[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 24 })
  .chain((times) =>
    fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: times.length, maxLength: times.length }).map((rates) => {
      const rising = (a: number, b: number) => a - b;
      const p = rates.toSorted(rising);
      return times.toSorted(rising).map((t, i) => ({ t: t / 1000, p: (p[i] as number) / 1000 }));
    }),
  );

function anyValue(control: Control): fc.Arbitrary<unknown> {
  switch (control.kind) {
    case 'number': {
      const { min, max, step } = control;
      return Number.isInteger(step) ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
    }
    case 'choice':
      return fc.constantFrom(...control.options);
    case 'switch':
      return fc.boolean();
    case 'curve':
      return anyCurve.map(formatCurve);
    case 'slots':
      return anySlots.map(formatSlots);
    case 'turns':
      return anyTurns.map(formatTurns);
    case 'text':
      // All code points, but no lone surrogates: no URL can hold those.
      return fc.string({ unit: 'binary', maxLength: 60 });
  }
}

/** Any name a model can have in a link: of a hub, or of this machine. */
const anyModel = fc.oneof(
  fc.constantFrom('stories', 'dllm-hub/ModernBERT-base-chat-v0.1', 'answerdotai/ModernBERT-base'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((name) => !/[/\\]/.test(name)),
);

/** Any valid settings. */
export const anySettings = fc
  .record(Object.fromEntries(SETTING_NAMES.map((name) => [name, anyValue(SETTINGS[name].control)])))
  .chain((found) => anyModel.map((model) => ({ ...found, model }) as unknown as Settings));

export interface Case {
  readonly canvas: Canvas;
  readonly settings: Settings;
  readonly network: TableNetwork;
}

export const VOCABULARY = 9;
export const MASK = 8;

/**
 * A network whose logits depend on every token of the canvas through a hash, so that any difference between two runs
 * shows at once, and ties are as good as impossible.
 */
export function hashNetwork(salt: number): TableNetwork {
  return tableNetwork(VOCABULARY, MASK, (ids, slot) => {
    let hash = (salt * 2654435761 + slot * 40503) | 0;
    for (const id of ids) hash = Math.imul(hash ^ id, 0x01000193) ^ (hash >>> 13);
    return Array.from({ length: VOCABULARY }, (_, id) => {
      const mixed = Math.imul(hash ^ (id * 0x9e3779b1), 0x85ebca6b);
      return (((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * 6;
    });
  });
}

const tokens = (least: number, most: number, top: number) =>
  fc.array(fc.integer({ min: 0, max: top }), { minLength: least, maxLength: most });

/** A run of at most 20 slots, every setting that steers the loop drawn at random. */
export const anyCase: fc.Arbitrary<Case> = fc
  .record({
    fill: fc.boolean(),
    prompt: tokens(0, 5, MASK),
    given: tokens(1, 20, MASK),
    salt: fc.nat(),
    settings: fc.record({
      length: fc.integer({ min: 1, max: 16 }),
      steps: fc.integer({ min: 1, max: 24 }),
      block: fc.integer({ min: 0, max: 9 }),
      sampler: fc.constantFrom(...SAMPLERS),
      schedule: fc.constantFrom(...SCHEDULE_CHOICES),
      curve: anyCurve.map(formatCurve),
      temperature: fc.constantFrom(0, 0.7, 1.5),
      topK: fc.constantFrom(0, 0, 3),
      topP: fc.constantFrom(1, 1, 0.8),
      guidance: fc.constantFrom(0, 0, 1),
      cache: fc.constantFrom('off', 'prefix', 'dual'),
      threshold: fc.constantFrom(0.3, 0.9),
      factor: fc.constantFrom(0, 1),
      gamma: fc.constantFrom(0, 0.5, 3),
      eta: fc.constantFrom(0, 0.1, 0.6),
      tOn: fc.constantFrom(0.3, 0.55, 0.95),
      tOff: fc.constantFrom(0, 0.05, 0.9),
      alphaOn: fc.constantFrom(0.5, 0.9),
      editThreshold: fc.constantFrom(0.2, 0.9),
      pattern: fc.constantFrom(...PATTERNS),
      order: anySlots.map(formatSlots),
      width: fc.integer({ min: 1, max: 6 }),
      generations: fc.integer({ min: 0, max: 4 }),
      ends: fc.constantFrom('off', 'off', 'late', 'never'),
      orderTemperature: fc.constantFrom(0, 0, 0.5),
      stochastic: fc.boolean(),
      exact: fc.boolean(),
      seed: fc.integer({ min: 0, max: 0xffffffff }),
    }),
  })
  .map(({ fill, prompt, given, salt, settings }) => ({
    canvas: fill ? fillCanvas(given, MASK) : continueCanvas(prompt, settings.length, MASK),
    settings: { ...defaultSettings(), ...settings, mode: fill ? 'fill' : 'continue' },
    network: hashNetwork(salt),
  }));
