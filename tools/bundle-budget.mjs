/**
 * Weighs the JavaScript of the first route: what index.html loads before the page asks for an engine, a trainer or a
 * tokenizer, that is its entry, everything the entry imports statically, and the texts in English. Fails over budget.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { root } from './install.mjs';

const budget = 170 * 1024;

const manifest = JSON.parse(readFileSync(`${root}dist/.vite/manifest.json`, 'utf8'));
const firstRoute = new Map();
const gzipped = (file) => gzipSync(readFileSync(`${root}dist/${file}`), { level: 9 }).length;

function weigh(key) {
  const { file, imports = [] } = manifest[key];
  if (firstRoute.has(file)) return;
  firstRoute.set(file, gzipped(file));
  for (const imported of imports) weigh(imported);
}
weigh('index.html');

// The page imports the texts of one language, the reader's.
const texts = /^src\/app\/messages\/text\/([\w-]+)\/words[.]texts/;
const languages = Object.keys(manifest).filter((key) => texts.test(key));
weigh(languages.find((key) => texts.exec(key)?.[1] === 'en'));

const inKilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
for (const [file, bytes] of firstRoute) console.log(`${inKilobytes(bytes).padStart(10)}  ${file}`);
for (const key of languages) {
  const { file } = manifest[key];
  if (!firstRoute.has(file))
    console.log(`${inKilobytes(gzipped(file)).padStart(10)}  instead, in ${texts.exec(key)?.[1]}`);
}
const total = [...firstRoute.values()].reduce((sum, bytes) => sum + bytes, 0);
console.log(`First route: ${inKilobytes(total)} of JavaScript, gzipped; budget ${inKilobytes(budget)}.`);
if (total > budget) {
  console.error(`${inKilobytes(total - budget)} over budget. Load what the first screen does not need with import().`);
  process.exitCode = 1;
}
