import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Canvas, Slot } from '../diffusion/canvas.ts';
import { applyStep } from '../diffusion/replay.ts';
import { SETTING_NAMES, SETTINGS, type Settings } from '../diffusion/settings.ts';
import type { Step } from '../diffusion/trace.ts';
import { english } from '../text/said.ts';
import { createCompute, type Line } from './client.ts';
import type { Compute, Progress } from './protocol.ts';
import { lineTo, onFallback } from './testing/surroundings.ts';

const DEFAULTS = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])) as unknown as Settings;
const settings: Settings = { ...DEFAULTS, length: 12, steps: 6 };
const stories = { source: 'https://example.org/stories/', model: 'stories', backend: 'auto' } as const;

let compute: Compute;
let lines: Line[];

beforeEach(() => {
  lines = [];
  compute = createCompute(() => {
    const line = lineTo(onFallback);
    lines.push(line);
    return line;
  });
});
afterEach(() => compute.dispose());

/** Runs to the end and gives the steps, the pieces and the canvas that the page would hold. */
async function run(request: Parameters<Compute['generate']>[0], signal?: AbortSignal) {
  const events = compute.generate(request, signal);
  const steps: Step[] = [];
  let pieces: Record<number, string> = {};
  let canvas: Canvas = { ids: new Int32Array(0), states: new Uint8Array(0) };
  for (;;) {
    const { value, done } = await events.next();
    if (done) return { steps, pieces, canvas, stopped: value.stopped };
    pieces = { ...pieces, ...value.pieces };
    if (value.kind === 'started') canvas = value.start;
    else {
      steps.push(value.step);
      canvas = applyStep(canvas, value.step, 4);
    }
  }
}

describe('the page’s end of the line, with the real session at the other', () => {
  test('starts no worker until it is asked, loads with progress, and says what runs instead of WebGPU', async () => {
    expect(lines).toHaveLength(0);
    const progress: Progress[] = [];
    const model = await compute.load(stories, (stage) => progress.push(stage));
    expect(lines).toHaveLength(1);
    expect(model).toMatchObject({ id: 'stories', maskId: 4, causal: false, chat: false });
    expect(model.device).toMatchObject({ backend: 'wasm', software: false });
    expect(english(model.device.notice ?? '')).toBe(
      'There is no WebGPU here, so the model runs in WebAssembly: the same program, only slower.',
    );
    expect(progress.at(-1)).toEqual({ stage: 'upload' });
  });

  test('writes a canvas full, with the text of every id it mentions', async () => {
    const { maskId } = await compute.load(stories);
    const { steps, pieces, canvas, stopped } = await run({ settings });
    expect(stopped).toBe(false);
    expect(steps).toHaveLength(6);
    expect(steps.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...canvas.ids]).not.toContain(maskId);
    const mentioned = [...canvas.ids, ...steps.flatMap(({ prediction }) => [...prediction.topIds])];
    expect(mentioned.filter((id) => pieces[id] === undefined)).toEqual([]);
    const text = [...canvas.ids].map((id) => pieces[id]).join('');
    expect(text.startsWith('Once upon a time')).toBe(true);
  });

  test('goes on from a cursor with the choices the unbroken run would have made', async () => {
    await compute.load(stories);
    const whole = await run({ settings });
    const [step] = whole.steps as [Step];
    const { start } = await firstEvent();
    const rest = await run({ settings, from: { canvas: applyStep(start, step, 4), cursor: step.next } });
    expect(rest.steps.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
    expect(rest.canvas.ids).toEqual(whole.canvas.ids);
  });

  test('the same canvas again makes no forward: a knob that needs none costs none', async () => {
    await compute.load(stories);
    const forwards = (steps: readonly Step[]) => steps.reduce((sum, step) => sum + step.forwards, 0);
    const first = await run({ settings });
    expect(forwards(first.steps)).toBe(6);
    const again = await run({ settings });
    expect(forwards(again.steps)).toBe(0);
    expect(again.canvas).toEqual(first.canvas);
    const warmer = await run({ settings: { ...settings, temperature: 1.3 } });
    expect(warmer.steps[0]?.forwards).toBe(0);
  });

  test('an abort stops after the forward in flight; what was written stays', async () => {
    await compute.load(stories);
    const controller = new AbortController();
    const events = compute.generate({ settings: { ...settings, length: 64, steps: 64 } }, controller.signal);
    let steps = 0;
    for (;;) {
      const { value, done } = await events.next();
      if (done) {
        expect(value).toEqual({ stopped: true });
        break;
      }
      if (value.kind === 'step' && ++steps === 2) controller.abort();
    }
    expect(steps).toBeLessThan(10);
  });

  test('a new run stops the old one', async () => {
    await compute.load(stories);
    const old = run({ settings: { ...settings, length: 64, steps: 64 } });
    const next = run({ settings });
    expect((await next).stopped).toBe(false);
    expect((await old).stopped).toBe(true);
  });

  test('loading another model ends the run and the load before it', async () => {
    await compute.load(stories);
    const running = run({ settings: { ...settings, length: 64, steps: 64 } });
    const superseded = compute.load(stories);
    const model = compute.load({ ...stories, model: 'second' });
    await expect(superseded).rejects.toMatchObject({ name: 'AbortError' });
    expect((await running).stopped).toBe(true);
    expect((await model).id).toBe('second');
    expect((await run({ settings })).steps).toHaveLength(6);
  });

  test('leaving the loop stops the run', async () => {
    await compute.load(stories);
    for await (const event of compute.generate({ settings: { ...settings, length: 64, steps: 64 } })) {
      if (event.kind === 'step') break;
    }
    expect((await run({ settings })).steps).toHaveLength(6);
  });

  test('tokenizes, also while a model is still loading', async () => {
    const loading = compute.load(stories);
    const { ids, pieces } = await compute.tokenize('Once upon a [MASK]');
    await loading;
    expect(ids.at(-1)).toBe(4);
    expect(pieces.join('')).toBe('Once upon a[MASK]');
  });

  test('failures arrive as typed errors', async () => {
    await expect(run({ settings })).rejects.toMatchObject({ code: 'checkpoint', message: 'No model is loaded.' });
    await expect(compute.load({ ...stories, source: 'https://nowhere/' })).rejects.toMatchObject({ code: 'network' });
    await compute.load(stories);
    const tooLong = { ...settings, prompt: 'word '.repeat(1200) };
    await expect(run({ settings: tooLong })).rejects.toMatchObject({ name: 'UnmaskError', code: 'canvas' });
    await expect(compute.load({ ...stories, backend: 'webgpu' })).rejects.toMatchObject({ code: 'device' });
  });

  test('a crash fails what is open, and the next request starts afresh', async () => {
    await compute.load(stories);
    const running = run({ settings: { ...settings, length: 64, steps: 64 } });
    await compute.tokenize('a');
    lines[0]?.onCrash?.('out of memory');
    await expect(running).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('out of memory'),
    });
    expect((await compute.load(stories)).id).toBe('stories');
    expect(lines).toHaveLength(2);
  });

  test('after dispose every open and new request is aborted', async () => {
    const loading = compute.load(stories);
    compute.dispose();
    await expect(loading).rejects.toMatchObject({ name: 'AbortError' });
    await expect(compute.tokenize('a')).rejects.toMatchObject({ name: 'AbortError' });
  });

  async function firstEvent() {
    for await (const event of compute.generate({ settings })) {
      if (event.kind === 'started') {
        expect([...event.start.states].filter((state) => state === Slot.Masked)).toHaveLength(settings.length);
        return event;
      }
    }
    throw new Error('nothing came');
  }
});
