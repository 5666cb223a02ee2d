import { expect, test } from 'vitest';
import { withFullDisk } from './full-disk.ts';

async function* failing(error: unknown) {
  yield 1;
  throw error;
}

async function read(error: unknown): Promise<number[]> {
  const seen: number[] = [];
  for await (const each of withFullDisk(failing(error), () => 'The checkpoint of step 40 is in out.')) seen.push(each);
  return seen;
}

test('a full disk names the last good checkpoint; other failures stay what they are', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  await expect(read(full)).rejects.toMatchObject({
    code: 'storage',
    message: 'There is no room on the disk for another checkpoint. The checkpoint of step 40 is in out.',
    remedy: /--resume/,
  });
  await expect(read(new Error('other'))).rejects.toThrow('other');
});
