/**
 * Weighs the JavaScript of the first route: what index.html loads before the page asks for an engine, a trainer or a
 * tokenizer, that is its entry and everything the entry imports statically. Fails over budget.
 */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { root } from './install.mjs';

const budget = 170 * 1024;

const manifest = JSON.parse(readFileSync(`${root}dist/.vite/manifest.json`, 'utf8'));
const firstRoute = new Map();

function weigh(key) {
  const { file, imports = [] } = manifest[key];
  if (firstRoute.has(file)) return;
  firstRoute.set(file, gzipSync(readFileSync(`${root}dist/${file}`), { level: 9 }).length);
  for (const imported of imports) weigh(imported);
}
weigh('index.html');

const inKilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
for (const [file, bytes] of firstRoute) console.log(`${inKilobytes(bytes).padStart(10)}  ${file}`);
const total = [...firstRoute.values()].reduce((sum, bytes) => sum + bytes, 0);
console.log(`First route: ${inKilobytes(total)} of JavaScript, gzipped; budget ${inKilobytes(budget)}.`);
if (total > budget) {
  console.error(`${inKilobytes(total - budget)} over budget. Load what the first screen does not need with import().`);
  process.exitCode = 1;
}
