/**
 * `npm test`: every check, none skipped because another failed. The last line sums them up: each test of Vitest and
 * Playwright counts, and each other check counts as one; what failed is named above it. `npm test lint unit` runs only the checks named.
 *
 * As many checks run side by side as there are cores, up to `LANES`: the suites wait a good deal, for compilers of
 * shaders, for browsers, for their own last test. Limits are those of each test; a check as a whole is stopped only when
 * nothing has come of it for `SILENCE`, and then counts what had ended by then.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureInstalled, root } from './install.mjs';

const minute = 60_000;
/** Longer than any test may take by its own limit. */
const SILENCE = 15 * minute;
const LANES = 3;

const reporters = ['--reporter=default', '--reporter=./tools/results-reporter.mjs'];

/** Scripts of package.json in the order in which they begin. Those with `tests` count each of their tests. */
const checks = [
  { script: 'types' },
  { script: 'build' },
  { script: 'unit', tests: true, options: reporters },
  { script: 'lint' },
  { script: 'layers' },
  { script: 'unused' },
  { script: 'budget', after: 'build' },
  { script: 'e2e', tests: true, after: 'build' },
  { script: 'gpu', tests: true, options: reporters },
];

const children = new Set();
const running = [];
const results = [];
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of children) stop(child);
    for (const check of running) results.push({ script: check.script, seconds: 0, ...outcome(check, `(${signal})`) });
    summary();
    process.exit(1);
  });
}

await ensureInstalled();
mkdirSync(join(root, '.cache/reports'), { recursive: true });
const named = process.argv.slice(2);
const unknown = named.filter((name) => !checks.some(({ script }) => script === name));
if (unknown.length > 0) throw new Error(`No such check: ${unknown.join(', ')}.`);

const waiting = checks.filter(({ script }) => named.length === 0 || named.includes(script));
await new Promise((done) => {
  const lanes = Math.min(LANES, Math.max(1, availableParallelism()));
  const next = () => {
    if (waiting.length === 0 && running.length === 0) return done();
    while (running.length < lanes) {
      const ready = waiting.findIndex(({ after }) => !pending(after));
      if (ready < 0) return;
      const [check] = waiting.splice(ready, 1);
      running.push(check);
      void perform(check).then((result) => {
        running.splice(running.indexOf(check), 1);
        results.push(result);
        next();
      });
    }
  };
  next();
});
summary();

/** Whether this check has still to run, or runs. */
function pending(script) {
  return script !== undefined && [...waiting, ...running].some((check) => check.script === script);
}

async function perform(check) {
  const { script, options = [] } = check;
  rmSync(fileOf(script), { force: true });
  const started = Date.now();
  say(script, 'begins');
  const ending = await run(script, options);
  const seconds = (Date.now() - started) / 1000;
  const result = { script, seconds, ...outcome(check, ending === 'exit 0' ? '' : `(${ending})`) };
  say(script, `${result.failed ? '✗' : '✓'} ${counts(result)}, ${seconds.toFixed(1)} s ${result.note}`);
  return result;
}

/** What a check came to, as far as it got; `note` says how it ended, where that was not well. */
function outcome({ script, tests }, note) {
  if (!tests) return { passed: note ? 0 : 1, failed: note ? 1 : 0, skipped: 0, note };
  const lines = read(fileOf(script));
  const of = (state) => lines.filter((line) => line.state === state).length;
  const failures = lines.filter((line) => line.state === 'failed');
  const unsure = lines.filter(({ name, state }) => state === 'tried' && !failures.some((one) => one.name === name));
  const [passed, failed, skipped] = [of('passed'), of('failed'), of('skipped')];
  const planned = lines.reduce((sum, line) => sum + (line.planned ?? 0), 0);
  // What failed outside any test took no time.
  const missing = planned - lines.filter(({ seconds }) => seconds !== undefined).length;
  if (passed + failed === 0) return { passed, failed: 1, skipped, note: `${note} no test ran` };
  if (missing > 0)
    return { passed, failed: failed + missing, skipped, failures, unsure, note: `${note} ${missing} did not run` };
  // Something else may fail a run without failing a test.
  return { passed, failed: note && failed === 0 ? 1 : failed, skipped, failures, unsure, note };
}

function fileOf(script) {
  return join(root, '.cache/reports', `${script}.jsonl`);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

/** Runs a script of package.json with its output shown as it comes; says how it ended. */
function run(script, options) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script, '--', ...options], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, UNMASK_RESULTS: fileOf(script), ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
      // A process group of its own, so that nothing it started outlives it.
      detached: true,
    });
    children.add(child);
    let silent = false;
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        silent = true;
        stop(child);
      }, SILENCE);
    };
    heard();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        heard();
        say(script, line);
      });
    }
    const finish = (ending) => {
      clearTimeout(timer);
      children.delete(child);
      resolve(silent ? `stopped: silent for ${SILENCE / minute} minutes` : ending);
    };
    child.on('error', (error) => finish(error.message));
    const leave = (code, signal) => finish(signal ?? `exit ${code}`);
    child.on('close', leave);
    // Something that it left behind may hold its output open.
    child.on('exit', (code, signal) => setTimeout(leave, 5000, code, signal).unref());
  });
}

function say(script, line) {
  console.log(`${script.padEnd(6)} │ ${line}`);
}

function stop(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function counts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}

function summary() {
  console.log('\n── summary ──');
  const order = (script) => checks.findIndex((check) => check.script === script);
  for (const result of results.sort((a, b) => order(a.script) - order(b.script))) {
    const { script, failed, seconds, note } = result;
    console.log(
      `${failed ? '✗' : '✓'} ${script.padEnd(8)}${counts(result).padEnd(40)}${seconds.toFixed(1)} s  ${note}`,
    );
  }
  list(
    'failed',
    results.flatMap(({ failures = [] }) => failures),
  );
  list(
    'passed only at the second try',
    results.flatMap(({ unsure = [] }) => unsure),
  );
  const all = { passed: 0, failed: 0, skipped: 0 };
  for (const key of Object.keys(all)) for (const result of results) all[key] += result[key];
  console.log(`\n${counts(all)}`);
  process.exitCode = all.failed > 0 ? 1 : 0;
}

/** Names tests with the first line of what went wrong. */
function list(title, tests) {
  if (tests.length > 0)
    console.log(`\n${title}:\n${tests.map(({ name, error = '' }) => `  ${name}\n    ${error}`).join('\n')}`);
}
