import { expect, test } from 'vitest';
import { type Disk, memoryDisk } from '../checkpoint/store/disk.ts';
import { putTwice } from '../checkpoint/store/twice.ts';
import { type Checkpoint, loadCheckpoint, saveCheckpoint } from './run-files.ts';
import { defaultTrainSettings } from './train-settings.ts';

const at = (step: number): Checkpoint => ({
  settings: { ...defaultTrainSettings(), steps: 9, lr: 0.00123, data: 'a file.txt' },
  progress: { step, tokens: 10 * step, milliseconds: 1.5, evaluations: [{ step: 0, nelbo: 8, standardError: 0.1 }] },
  weights: new Map([
    ['embeddings', Float32Array.of(step, -0, 1e-40)],
    ['finalNorm', Float32Array.of(1)],
  ]),
  optimiser: {
    steps: step,
    first: new Map([['embeddings', Float32Array.of(1, 2, 3)]]),
    second: new Map([['finalNorm', Float32Array.of(4)]]),
  },
});

test('comes back as it was, bit for bit, and replaces the one before', async () => {
  const disk = memoryDisk();
  expect(await loadCheckpoint(disk)).toBeUndefined();
  await saveCheckpoint(disk, at(3));
  await saveCheckpoint(disk, at(6));
  expect(await loadCheckpoint(disk)).toEqual(at(6));
  expect((await disk.names()).toSorted()).toEqual([
    'checkpoint-6.safetensors',
    'checkpoint.json',
    'checkpoint.json.copy',
  ]);
});

/** A disk that fails at the n-th writing call, after half of the bytes. */
function failingAt(inner: Disk, n: number): Disk {
  let calls = 0;
  const full = () => {
    if (++calls === n) throw new DOMException('full', 'QuotaExceededError');
  };
  return {
    ...inner,
    async writer(name) {
      const writer = await inner.writer(name);
      return {
        ...writer,
        write: async (bytes, from) => {
          await writer.write(bytes.subarray(0, bytes.length / 2), from);
          full();
          await writer.write(bytes, from);
        },
        flush: () => full(),
      };
    },
    async put(name, bytes) {
      await inner.put(name, bytes.slice(0, bytes.length / 2));
      full();
      await inner.put(name, bytes);
    },
  };
}

test.each([
  [1, 3],
  [2, 3],
  [3, 3],
  // Torn is the manifest itself, and its copy is whole.
  [4, 6],
])('broken off at writing call %i, the checkpoint of step %i is whole', async (n, step) => {
  const disk = memoryDisk();
  await saveCheckpoint(disk, at(3));
  await expect(saveCheckpoint(failingAt(disk, n), at(6))).rejects.toThrow('full');
  expect(await loadCheckpoint(disk)).toEqual(at(step));
  await saveCheckpoint(disk, at(9));
  expect(await loadCheckpoint(disk)).toEqual(at(9));
});

test.each<[string, (disk: Disk) => Promise<void>, RegExp]>([
  ['no JSON', (disk) => putTwice(disk, 'checkpoint.json', new TextEncoder().encode('{')), /is not JSON/],
  [
    'another file',
    (disk) => putTwice(disk, 'checkpoint.json', new TextEncoder().encode('{"format":"other"}')),
    /does not describe/,
  ],
  ['tensors missing', (disk) => disk.remove('checkpoint-3.safetensors'), /is missing/],
  [
    'tensors changed',
    async (disk) => void (await (await disk.writer('checkpoint-3.safetensors')).write(Uint8Array.of(7), 200)),
    /is damaged/,
  ],
])('%s is told', async (_, damage, words) => {
  const disk = memoryDisk();
  await saveCheckpoint(disk, at(3));
  await damage(disk);
  await expect(loadCheckpoint(disk)).rejects.toMatchObject({ code: 'checkpoint', message: words });
});
