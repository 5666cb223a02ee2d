/** Adapters in use, on the engine: on, off and weighed while the model stays where it is. */
import { expect, test } from 'vitest';
import { openDevice } from '../engine/device.ts';
import { Engine } from '../engine/engine.ts';
import { getGpu } from '../node/dawn.ts';
import { farthest, openGoldenAdapter } from '../training/testing/adapters.ts';

const device = await openDevice(await getGpu({ zeroWorkgroups: true }));

test.each(['modernbert', 'qwen3'] as const)(
  'the engine answers as PEFT with the adapter on, at half its weight, and off: %s',
  async (name) => {
    const { base, adapter, logits } = await openGoldenAdapter(name);
    const { inputs, length } = base.question;
    const engine = await Engine.create(device, base);
    const ask = async () => {
      const rows: number[] = [];
      for (let at = 0; at < inputs.length; at += length)
        rows.push(...(await engine.logits(inputs.slice(at, at + length))));
      return Float32Array.from(rows);
    };
    const off = await ask();
    expect(farthest(off, logits.get('off') as Float32Array)).toBeLessThan(2e-5);
    await engine.setAdapter(adapter);
    expect(farthest(await ask(), logits.get('on') as Float32Array)).toBeLessThan(2e-5);
    await engine.setAdapter(adapter, 0.5);
    expect(farthest(await ask(), logits.get('half') as Float32Array)).toBeLessThan(2e-5);
    await engine.setAdapter(adapter, 0);
    expect(await ask()).toEqual(off);
    const { bytes } = engine;
    await engine.setAdapter(adapter);
    await engine.setAdapter(undefined);
    expect(await ask()).toEqual(off);
    expect(engine.bytes).toBe(bytes);
    engine.destroy();
  },
);
