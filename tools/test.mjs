/**
 * `npm test`: every check, one after the other, none skipped because an earlier one failed. The last line sums them up:
 * each test of Vitest and Playwright counts, and each other check counts as one.
 * `npm test lint unit` runs only the checks named.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const reports = join(root, '.cache/reports');
const minute = 60_000;

/** Scripts of package.json, in order. Those with `count` write a JSON report and count its tests. */
const checks = [
  { script: 'types', limit: 3 * minute },
  { script: 'lint', limit: 2 * minute },
  { script: 'layers', limit: 2 * minute },
  { script: 'unused', limit: 2 * minute },
  { script: 'unit', limit: 10 * minute, count: countVitest, options: vitestReport('unit') },
  { script: 'gpu', limit: 10 * minute, count: countVitest, options: vitestReport('gpu') },
  { script: 'build', limit: 3 * minute },
  { script: 'budget', limit: minute },
  { script: 'e2e', limit: 15 * minute, count: countPlaywright },
];

let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (running) stop(running);
    process.exit(1);
  });
}

await ensureInstalled();
mkdirSync(reports, { recursive: true });
const named = process.argv.slice(2);
const unknown = named.filter((name) => !checks.some(({ script }) => script === name));
if (unknown.length > 0) throw new Error(`No such check: ${unknown.join(', ')}.`);

const results = [];
for (const check of checks) {
  if (named.length > 0 && !named.includes(check.script)) continue;
  console.log(`\n── ${check.script} ──`);
  const started = Date.now();
  const result = await perform(check);
  results.push({ ...result, script: check.script, seconds: (Date.now() - started) / 1000 });
}

console.log('\n── summary ──');
for (const { script, passed, failed, skipped, seconds, note } of results) {
  const counts = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
  console.log(
    `${failed ? '✗' : '✓'} ${script.padEnd(8)}${counts.padEnd(32)}${seconds.toFixed(1)} s${note ? `  ${note}` : ''}`,
  );
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') ? `, ${sum('skipped')} skipped` : ''}`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

async function perform({ script, limit, count, options = [] }) {
  const report = reportFile(script);
  rmSync(report, { force: true });
  const ending = await run(script, options, limit);
  const succeeded = ending === 'exit 0';
  const note = succeeded ? '' : `(${ending})`;
  if (!count) return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0, note };
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    counts = count(JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    return { ...counts, failed: 1, note: `${note} no report` };
  }
  if (counts.passed + counts.failed === 0) return { ...counts, failed: 1, note: `${note} no test ran` };
  // An error outside any test (an unhandled rejection, a broken set-up) fails the run without failing a test.
  if (!succeeded && counts.failed === 0) return { ...counts, failed: 1, note };
  return { ...counts, note };
}

/** Runs a script of package.json with its output shown as it comes; says how it ended. */
function run(script, options, limit) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script, '--', ...options], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // A process group of its own, so that nothing it started outlives the limit.
      detached: true,
    });
    running = child;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop(child);
    }, limit);
    const finish = (ending) => {
      clearTimeout(timer);
      running = undefined;
      resolve(late ? `stopped after ${limit / minute} minutes` : ending);
    };
    child.on('error', (error) => finish(error.message));
    child.on('exit', (code, signal) => finish(signal ?? `exit ${code}`));
  });
}

function stop(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function reportFile(script) {
  return join(reports, `${script}.json`);
}

function vitestReport(script) {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile(script)}`];
}

function countVitest(report) {
  // A test file that could not be loaded has no tests to fail: it counts as one.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function countPlaywright({ stats, errors }) {
  // `flaky` passed on a second try only; errors outside any test count as one.
  const outside = errors.length > 0 && stats.unexpected === 0 ? 1 : 0;
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + outside, skipped: stats.skipped };
}
