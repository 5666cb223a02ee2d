import { expect, test } from 'vitest';
import { createCompute } from './client.ts';
import { lineTo, onFallback } from './testing/surroundings.ts';

test('a pass is timed when asked, and where no model is here it says so', async () => {
  const compute = createCompute(() => lineTo(onFallback));
  await expect(compute.run('timePass', {}).next()).rejects.toMatchObject({ code: 'checkpoint' });
  await compute.load({ source: 'stories', model: 'stories', backend: 'fallback' });
  const { value } = await compute.run('timePass', {}).next();
  expect(value).toMatchObject({ kind: 'timed', milliseconds: expect.any(Number) });
  expect((value as { milliseconds: number }).milliseconds).toBeGreaterThan(0);
  compute.dispose();
});
