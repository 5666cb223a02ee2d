import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Slot } from '../../diffusion/canvas.ts';
import { UnmaskError } from '../../diffusion/error.ts';
import { formatLink, parseLink } from '../../diffusion/link.ts';
import { type LinkedMoment, momentOf } from '../../diffusion/link-moment.ts';
import { writtenIdsIn, writtenSlotsIn } from '../../diffusion/ops.ts';
import type { Settings } from '../../diffusion/settings.ts';
import type { Trace } from '../../diffusion/trace.ts';
import type { Compute } from '../../worker/protocol.ts';
import { model, recordedTrace, settings, tableCompute } from '../testing/runs.ts';
import { maskAgain } from '../trace/change.ts';
import { frameAt } from '../trace/frame.ts';
import { type Controller, createController } from './controller.ts';
import { showBranch, undo, useRun } from './run.ts';

let asked: Settings;
let settled = 0;

function controllerOn(compute: Pick<Compute, 'generate'>, load = async () => model): Controller {
  return createController({
    compute: async () => compute,
    model: load,
    settings: () => asked,
    reseed: () => {
      asked = { ...asked, seed: asked.seed + 1 };
    },
    wrote: () => undefined,
    settled: () => settled++,
  });
}

const trace = () => {
  const found = useRun.getState().trace;
  if (!found) throw new Error('no trace');
  return found;
};
const text = () => [...frameAt(trace(), trace().steps.length).ids];

beforeEach(() => {
  useRun.setState(useRun.getInitialState(), true);
  asked = settings();
  settled = 0;
});

describe('the controller', () => {
  test('generates the very Trace that the loop makes, and says when it is over', async () => {
    await controllerOn(tableCompute()).generate();
    const expected = await recordedTrace();
    expect(trace().steps.map(writtenIdsIn)).toEqual(expected.steps.map(writtenIdsIn));
    expect(useRun.getState()).toMatchObject({ status: 'idle', source: 'live', playing: true });
    expect(settled).toBe(1);
  });

  test('a run that a lost device has put on another arithmetic says what it ran on in the end', async () => {
    const wasm = { ...model.device, backend: 'wasm', device: 'this processor' };
    const controller = createController({
      compute: async () => tableCompute(),
      model: async () => model,
      device: () => ((useRun.getState().trace?.steps.length ?? 0) < 2 ? model.device : wasm),
      settings: () => asked,
      reseed: () => undefined,
      wrote: () => undefined,
      settled: () => undefined,
    });
    await controller.generate();
    expect(trace().steps.length).toBeGreaterThan(2);
    expect(trace().backend).toEqual({ name: 'wasm', device: 'this processor' });
  });

  test('stops while the model is still on its way, whether it comes or not', async () => {
    const controller = controllerOn(tableCompute(), () => new Promise(() => undefined));
    const over = controller.generate();
    await vi.waitFor(() => expect(useRun.getState().status).toBe('waiting'));
    controller.stop();
    await over;
    expect(useRun.getState()).toMatchObject({ status: 'idle', trace: undefined, error: undefined });
  });

  test('stops in the middle, and going on gives the text of an unbroken run', async () => {
    const machine = tableCompute(async () => {
      if (useRun.getState().trace?.steps.length === 2) controller.stop();
    });
    const controller = controllerOn(machine);
    await controller.generate();
    expect(trace().steps).toHaveLength(2);
    useRun.setState({ playhead: 2 });
    await controllerOn(tableCompute()).goOn();
    const whole = await recordedTrace();
    expect(text()).toEqual([...frameAt(whole, whole.steps.length).ids]);
  });

  test('a word masked again is written again when the run goes on, and undo brings the old text back', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    const before = text();
    const end = trace().steps.length;
    useRun.setState({ playhead: end });
    await controller.change([maskAgain(trace(), 4)]);
    expect(frameAt(trace(), end).masks).toBe(1);
    await controller.goOn();
    expect(trace().steps).toHaveLength(end + 1);
    expect(writtenSlotsIn(trace().steps.at(-1)!)).toEqual([4]);
    undo();
    expect(text()).toEqual(before);
  });

  test('a change during a run takes part in it: the run goes on from the changed canvas by itself', async () => {
    let change: Promise<void> | undefined;
    const machine = tableCompute(async () => {
      if (change || useRun.getState().trace?.steps.length !== 2) return;
      useRun.setState({ playhead: 2 });
      change = controller.change([{ slot: 9, id: 5, state: Slot.Pinned }]);
    });
    const controller = controllerOn(machine);
    await controller.generate();
    await change;
    const end = frameAt(trace(), trace().steps.length);
    expect(end.ids[9]).toBe(5);
    expect(end.states[9]).toBe(Slot.Pinned);
    expect(end.masks).toBe(0);
    expect(machine.runs).toHaveLength(2);
  });

  test('branches from where a word was written, with the settings of now', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    const slot = writtenSlotsIn(trace().steps[2]!)[0] as number;
    useRun.setState({ playhead: trace().steps.length });
    asked = settings({ seed: 7, temperature: 1.5 });
    const first = trace().steps.slice(0, 2);
    await controller.branch(slot);
    expect(trace().steps.slice(0, 2)).toEqual(first);
    expect(trace().settings).toMatchObject({ seed: 7, temperature: 1.5 });
    expect(frameAt(trace(), 99).masks).toBe(0);
  });

  test('branching with nothing changed takes another seed, because the same would give the same text', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    useRun.setState({ playhead: trace().steps.length });
    const seed = asked.seed;
    await controller.branch(writtenSlotsIn(trace().steps[1]!)[0] as number);
    expect(trace().settings.seed).toBe(seed + 1);
  });

  test('rewriting the rest keeps the prompt and the kept words only', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    useRun.setState({ playhead: trace().steps.length });
    const kept = frameAt(trace(), 99).ids[5] as number;
    await controller.change([{ slot: 5, id: kept, state: Slot.Pinned }]);
    await controller.rewriteRest();
    const end = frameAt(trace(), 99);
    expect(end.ids[5]).toBe(kept);
    expect(end.masks).toBe(0);
    expect(trace().edits).toEqual([{ before: 0, slot: 5, id: kept, state: Slot.Pinned }]);
  });

  test('words rubbed out of a finished text are written anew with another seed, in one entry for undo', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    const before = text();
    const end = trace().steps.length;
    useRun.setState({ playhead: end });
    await controller.rewrite([4, 6]);
    expect(trace().steps.slice(end).flatMap(writtenSlotsIn)).toEqual(expect.arrayContaining([4, 6]));
    expect(frameAt(trace(), 99).masks).toBe(0);
    expect(text().filter((_, slot) => slot !== 4 && slot !== 6)).toEqual(
      before.filter((_, slot) => slot !== 4 && slot !== 6),
    );
    expect(asked.seed).toBe(settings().seed + 1);
    expect(useRun.getState().rubbedOut).toEqual([4, 6]);
    undo();
    expect(text()).toEqual(before);
    expect(useRun.getState().rubbedOut).toEqual([]);
  });

  test('words that are put into a finished text are kept, and what stands around them is written anew', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    const before = text();
    useRun.setState({ playhead: trace().steps.length });
    await controller.rewrite([4, 6], [{ slot: 5, id: 3, state: Slot.Pinned }]);
    const after = frameAt(trace(), trace().steps.length);
    expect(after.ids[5]).toBe(3);
    expect(after.states[5]).toBe(Slot.Pinned);
    expect(after.masks).toBe(0);
    expect(useRun.getState().rubbedOut).toEqual([4, 6]);
    const others = (ids: readonly number[]) => ids.filter((_, slot) => slot < 4 || slot > 6);
    expect(others(text())).toEqual(others(before));
    undo();
    expect(text()).toEqual(before);
  });

  describe('something else is another text', () => {
    /** A text written at temperature 0, at which every answer to the same canvas is the same. */
    async function sure(): Promise<Controller> {
      asked = settings({ temperature: 0 });
      const controller = controllerOn(tableCompute());
      await controller.generate();
      useRun.setState({ playhead: trace().steps.length });
      await controller.rewrite([4]);
      useRun.setState({ playhead: trace().steps.length });
      return controller;
    }

    test('where the same word comes back, the slot takes another of the model’s words for it', async () => {
      const controller = await sure();
      const before = text();
      const undoes = useRun.getState().past.length;
      await controller.rewrite([4]);
      expect(text()).toEqual(before);
      undo();
      await controller.writeOther([4]);
      const { prediction } = trace().steps.at(-1)!;
      expect(text()[4]).not.toBe(before[4]);
      expect([...prediction.topIds]).toContain(text()[4]);
      expect(text().toSpliced(4, 1)).toEqual(before.toSpliced(4, 1));
      const frame = frameAt(trace(), trace().steps.length);
      expect(frame.masks).toBe(0);
      expect(frame.states[4]).toBe(Slot.Revealed);
      expect(useRun.getState()).toMatchObject({ rubbedOut: [4], status: 'idle' });
      expect(useRun.getState().past).toHaveLength(undoes + 1);
      undo();
      expect(text()).toEqual(before);
    });

    test('of several slots one takes another word, and the rest is written around it', async () => {
      const controller = await sure();
      await controller.rewrite([4, 6]);
      useRun.setState({ playhead: trace().steps.length });
      const before = text();
      await controller.writeOther([4, 6]);
      expect(frameAt(trace(), trace().steps.length).masks).toBe(0);
      expect([text()[4], text()[6]]).not.toEqual([before[4], before[6]]);
      const others = (ids: readonly number[]) => ids.filter((_, slot) => slot !== 4 && slot !== 6);
      expect(others(text())).toEqual(others(before));
    });

    test('where chance already gives another word, nothing is added to it', async () => {
      asked = settings({ temperature: 2 });
      const controller = controllerOn(tableCompute());
      await controller.generate();
      for (let times = 0; times < 12; times++) {
        useRun.setState({ playhead: trace().steps.length });
        const before = text();
        await controller.writeOther([4]);
        expect(text()[4]).not.toBe(before[4]);
      }
      // Of a table of few words some draws are the same, and most are not.
      const taken = trace().edits.filter(({ slot, state }) => slot === 4 && state === Slot.Revealed);
      expect(taken.length).toBeLessThan(8);
    });
  });

  test('only a finished text is written anew: in the middle of a run nothing happens', async () => {
    const machine = tableCompute(async () => {
      if (useRun.getState().trace?.steps.length === 2) controller.stop();
    });
    const controller = controllerOn(machine);
    await controller.generate();
    useRun.setState({ playhead: 2 });
    const before = trace();
    await controller.rewrite([0]);
    expect(trace()).toBe(before);
  });

  test('a change in the past becomes a branch, and the text that was there stays', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    const before = text();
    useRun.setState({ playhead: 2 });
    await controller.change([{ slot: 9, id: 5, state: Slot.Pinned }]);
    expect(trace().steps).toHaveLength(2);
    await controller.goOn();
    expect(frameAt(trace(), 99).ids[9]).toBe(5);
    expect(useRun.getState().tree).toMatchObject({ current: 1, branches: [{ id: 0 }, { id: 1, parent: 0 }] });
    showBranch(0);
    expect(text()).toEqual(before);
  });

  test('branches from the playhead; the steps before it are the very same', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    const before = trace();
    useRun.setState({ playhead: 2 });
    await controller.branchHere();
    expect(trace().steps[1]).toBe(before.steps[1]);
    expect(trace().steps[2]).not.toBe(before.steps[2]);
    expect(trace().settings.seed).toBe(before.settings.seed + 1);
    expect(frameAt(trace(), 99).masks).toBe(0);
  });

  test('a run with another length stands beside the others with a canvas of its own', async () => {
    const controller = controllerOn(tableCompute());
    await controller.generate();
    asked = settings({ length: 5 });
    await controller.generateBeside();
    expect(useRun.getState().tree?.branches.map(({ trace, parent }) => [trace.start.ids.length, parent])).toEqual([
      [10, undefined],
      [7, undefined],
    ]);
  });

  test('goes on writing a branch that nobody looks at', async () => {
    let steps = 0;
    const machine = tableCompute(async () => {
      if (machine.runs.length === 2 && ++steps === 1) showBranch(0);
    });
    const controller = controllerOn(machine);
    await controller.generate();
    const first = trace();
    useRun.setState({ playhead: 1 });
    await controller.branchHere();
    expect(useRun.getState()).toMatchObject({ status: 'idle', writing: undefined, tree: { current: 0 } });
    expect(trace()).toBe(first);
    showBranch(1);
    expect(frameAt(trace(), 99).masks).toBe(0);
  });

  test('deleting a branch ends what writes on it, and undo brings it back as far as it was', async () => {
    let removed: Promise<void> | undefined;
    const machine = tableCompute(async () => {
      if (machine.runs.length === 2) removed ??= controller.remove(1);
    });
    const controller = controllerOn(machine);
    await controller.generate();
    useRun.setState({ playhead: 1 });
    await controller.branchHere();
    await removed;
    expect(useRun.getState().tree?.branches).toHaveLength(1);
    undo();
    const steps = trace().steps.length;
    expect(useRun.getState().tree?.current).toBe(1);
    expect(steps).toBeGreaterThan(1);
    expect(steps).toBeLessThan(4);
  });

  test('a new run ends the old one', async () => {
    const controller = controllerOn(tableCompute(() => new Promise((resolve) => setTimeout(resolve, 1))));
    const first = controller.generate();
    asked = settings({ seed: 8 });
    await Promise.all([first, controller.generate()]);
    expect(trace().settings.seed).toBe(8);
    expect(frameAt(trace(), 99).masks).toBe(0);
    expect(useRun.getState().status).toBe('idle');
  });

  test('a failure is kept as a sentence and the page is idle again', async () => {
    const error = new UnmaskError({ code: 'network', message: 'No file.', remedy: 'Try again.' });
    await controllerOn(tableCompute(), () => Promise.reject(error)).generate();
    expect(useRun.getState()).toMatchObject({ status: 'idle', error: { message: 'No file.' } });
  });

  describe('makes the run of a link again', () => {
    /** What another person's page makes of a link to `step` of the line on screen. */
    async function elsewhere(step: number) {
      const shown = trace();
      const moment = momentOf(shown, step);
      const link = parseLink(formatLink(shown.settings, { ...(moment ? { moment } : {}) }));
      useRun.setState(useRun.getInitialState(), true);
      asked = settings({ seed: 99 });
      await controllerOn(tableCompute()).reproduce(link.settings, link.moment as LinkedMoment);
      return shown;
    }
    const at = (line: Trace, step: number) => frameAt(line, step);

    test('shows the same canvas at the same step, and nothing plays', async () => {
      await controllerOn(tableCompute()).generate();
      const shown = await elsewhere(2);
      expect(useRun.getState()).toMatchObject({ playhead: 2, playing: false, status: 'idle', error: undefined });
      expect(trace().steps.length).toBe(shown.steps.length);
      for (const step of [0, 2, shown.steps.length]) expect(at(trace(), step).ids).toEqual(at(shown, step).ids);
    });

    test('with a branch, its other settings and its changes by hand', async () => {
      const controller = controllerOn(tableCompute());
      await controller.generate();
      const first = trace();
      useRun.setState({ playhead: 2 });
      await controller.change([{ slot: 4, id: 3, state: Slot.Pinned }]);
      asked = settings({ seed: 7, temperature: 1.5 });
      await controller.goOn();
      useRun.setState({ playhead: 3 });
      await controller.change([maskAgain(trace(), 5)]);
      asked = settings({ seed: 8, sampler: 'random' });
      await controller.goOn();
      expect(trace().earlier?.map(({ until, settings: { seed } }) => [until, seed])).toEqual([
        [2, first.settings.seed],
        [3, 7],
      ]);
      const end = trace().steps.length;
      const shown = await elsewhere(3);
      expect(trace().steps.map(({ ops }) => ops)).toEqual(shown.steps.map(({ ops }) => ops));
      expect([trace().settings, trace().earlier, trace().edits]).toEqual([shown.settings, shown.earlier, shown.edits]);
      for (const step of [2, 3, end]) expect(at(trace(), step)).toEqual(at(shown, step));
      expect(useRun.getState().playhead).toBe(3);
    });

    test('with a word that was written before the first step', async () => {
      const controller = controllerOn(tableCompute());
      await controller.generate();
      useRun.setState({ playhead: 0 });
      await controller.change([{ slot: 6, id: 2, state: Slot.Pinned }]);
      await controller.goOn();
      const shown = await elsewhere(1);
      expect(at(trace(), trace().steps.length)).toEqual(at(shown, shown.steps.length));
      expect(trace().edits).toEqual(shown.edits);
    });

    test.each([
      [{ before: 1, slot: 99, id: 1, state: Slot.Pinned }],
      [{ before: 1, slot: 4, id: 5000, state: Slot.Pinned }],
      [{ before: 60, slot: 4, id: 1, state: Slot.Pinned }],
    ] as const)('but not a change that cannot be: %j', async (edit) => {
      await controllerOn(tableCompute()).reproduce(settings(), { step: 2, edits: [edit], earlier: [] });
      expect(useRun.getState()).toMatchObject({ status: 'idle', error: { code: 'trace' } });
      expect(trace().edits).toEqual([]);
    });

    test('until it is stopped', async () => {
      const machine = tableCompute(async () => {
        if (useRun.getState().trace?.steps.length === 2) controller.stop();
      });
      const controller = controllerOn(machine);
      const edit = { before: 3, slot: 4, id: 1, state: Slot.Pinned };
      await controller.reproduce(settings(), { step: 4, edits: [edit], earlier: [] });
      expect(trace().steps).toHaveLength(2);
      expect(useRun.getState()).toMatchObject({ status: 'idle', error: undefined });
    });
  });
});
