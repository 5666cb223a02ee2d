import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slot } from './canvas.ts';
import { generate } from './generate.ts';
import { writtenSlotsIn } from './ops.ts';
import { anyCase, hashNetwork } from './testing/arbitrary.ts';
import type { Step } from './trace.ts';
import { walk } from './walk.ts';

async function all(steps: AsyncIterable<Step>): Promise<Pick<Step, 'ops'>[]> {
  const made = [];
  for await (const { ops } of steps) made.push({ ops });
  return made;
}

describe('walking a run', () => {
  test('in one leg or in several with the same settings is the run itself', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, fc.nat({ max: 9 }), async ({ canvas, settings, network }, cut) => {
        const whole = await all(generate(network, canvas, settings));
        expect(await all(walk(network, canvas, { settings, edits: [] }))).toEqual(whole);
        const until = 1 + (cut % Math.max(1, whole.length));
        if (until > whole.length) return;
        const earlier = [{ until, settings }];
        expect(await all(walk(network, canvas, { settings, earlier, edits: [] }))).toEqual(whole);
        expect(await all(walk(network, canvas, { settings, edits: [], step: until }))).toEqual(whole.slice(0, until));
      }),
      { numRuns: 40 },
    );
  });

  test('leaves what a person wrote', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ canvas, settings, network }) => {
        const open = canvas.states.indexOf(Slot.Masked);
        if (open < 0 || settings.sampler === 'game-of-life') return;
        const edits = [{ before: 0, slot: open, id: 1, state: Slot.Pinned }];
        for (const step of await all(walk(network, canvas, { settings, edits }))) {
          expect(writtenSlotsIn(step)).not.toContain(open);
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    [{ before: 0, slot: 99, id: 1 }, 'does not fit'],
    [{ before: 0, slot: 0, id: 99 }, 'does not fit'],
    [{ before: 500, slot: 0, id: 1 }, 'before a change'],
  ])('with a change that cannot be made (%j) ends in a sentence', async (edit, sentence) => {
    const { canvas, settings } = fc.sample(anyCase, { numRuns: 1, seed: 1 })[0]!;
    const edits = [{ ...edit, state: Slot.Pinned }];
    await expect(all(walk(hashNetwork(1), canvas, { settings, edits }))).rejects.toThrow(sentence);
  });
});
