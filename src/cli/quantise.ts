/**
 * Writes a model again with its matrices in few bits, one after the other: `npm run quantise -- --model DIR --bits 4 --out
 * DIR`. Everything else of the folder is copied.
 */
import { copyFile, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_FILE } from '../checkpoint/config.ts';
import { copyInBits } from '../checkpoint/copy-in-bits.ts';
import { SHARDS_FILE, WEIGHTS_FILE } from '../checkpoint/shards.ts';
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
  const copy = await copyInBits(await folderSource(folder), precision);
  await mkdir(out, { recursive: true });
  const path = join(out, WEIGHTS_FILE);
  const file = await open(path, 'w');
  try {
    let done = 0;
    for await (const { at, data } of copy.pieces()) {
      await file.write(data, 0, data.length, at);
      done += data.length;
      status.show(`${Math.round((100 * done) / copy.bytes)} % of ${(copy.bytes / 1e6).toFixed(1)} MB`);
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
  await writeFile(join(out, CONFIG_FILE), copy.config);
  status.say(`${copy.parameters} parameters in ${(copy.bytes / 1e6).toFixed(1)} MB in ${path}`);
}
