/**
 * Writes a model again with its matrices in few bits, one after the other: `npm run quantise -- --model DIR --bits 4 --out
 * DIR`. Everything else of the folder is copied.
 */
import { copyFile, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_FILE } from '../checkpoint/config.ts';
import { parseObject, present } from '../checkpoint/damage.ts';
import { openNetwork } from '../checkpoint/open.ts';
import { SHARDS_FILE, WEIGHTS_FILE } from '../checkpoint/shards.ts';
import { configInBits, inBits } from '../checkpoint/write-bits.ts';
import { layOut } from '../checkpoint/write-safetensors.ts';
import { folderSource } from '../node/folder.ts';
import { parseQuantise, QUANTISE_HELP, type QuantiseArguments } from './arguments.ts';
import { run, type StatusLine } from './program.ts';

await run(async (status) => {
  const given = parseQuantise(process.argv.slice(2));
  if (given === 'help') process.stdout.write(`${QUANTISE_HELP}\n`);
  else await quantise(given, status);
});

async function quantise({ folder, out, ...precision }: QuantiseArguments, status: StatusLine): Promise<void> {
  status.show(`reading ${folder}`);
  const source = await folderSource(folder);
  const network = await openNetwork(source);
  const config = parseObject(CONFIG_FILE, present(await source.readAll(CONFIG_FILE), CONFIG_FILE, source));
  const batches = inBits(network, network.weights, precision);
  const planned = batches.flatMap(({ tensors }) => tensors.map((each) => [each.name, each] as const));
  const { header, places, bytes } = layOut(planned, { format: 'pt' });
  await mkdir(out, { recursive: true });
  const path = join(out, WEIGHTS_FILE);
  const file = await open(path, 'w');
  try {
    await file.write(header, 0, header.length, 0);
    let done = 0;
    for (const { tensors, make } of batches) {
      const made = await make();
      for (const [i, { name }] of tensors.entries()) {
        const data = made[i] as Uint8Array;
        await file.write(data, 0, data.length, header.length + (places.get(name) as number));
        done += data.length;
      }
      status.show(`${Math.round((100 * done) / bytes)} % of ${(bytes / 1e6).toFixed(1)} MB`);
    }
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
  await file.close();
  for (const name of await readdir(folder)) {
    const ours = name === CONFIG_FILE || name === SHARDS_FILE || /[.](safetensors|bin|pth?)$/.test(name);
    if (!ours && /[.](json|txt|md|jinja|model)$|^LICENSE/.test(name))
      await copyFile(join(folder, name), join(out, name));
  }
  await writeFile(join(out, CONFIG_FILE), `${JSON.stringify(configInBits(config, precision), undefined, 2)}\n`);
  status.say(`${network.weights.parameters} parameters in ${(bytes / 1e6).toFixed(1)} MB in ${path}`);
}
