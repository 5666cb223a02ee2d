/**
 * Writes each result of Vitest or Playwright to a file as soon as it is there, so that a suite that is stopped still says
 * what passed and what failed. One line of JSON each: { planned } where tests are found, { name, state } where one ends, with the first
 * line of what went wrong.
 * Both programs load it as a reporter; the file is named by UNMASK_RESULTS, and without that it writes nothing.
 */
import { appendFileSync } from 'node:fs';

const file = process.env.UNMASK_RESULTS;
const write = (line) => file && appendFileSync(file, `${JSON.stringify(line)}\n`);

export default class ResultsReporter {
  // Vitest

  onTestModuleCollected(module) {
    write({ planned: [...module.children.allTests()].length });
  }

  onTestCaseResult(test) {
    const { state, errors } = test.result();
    write({
      name: `${test.module.moduleId} > ${test.fullName}`,
      state,
      seconds: (test.diagnostic()?.duration ?? 0) / 1000,
      error: firstLine(errors?.[0]),
    });
  }

  /** A file that could not be loaded, or whose hooks failed, has no test that failed for it. */
  onTestModuleEnd(module) {
    const broken = module.state() === 'failed' && ![...module.children.allTests('failed')].length;
    if (broken) write({ name: module.moduleId, state: 'failed' });
  }

  /** What went wrong outside any test. */
  onTestRunEnd(_, errors) {
    for (const { message } of errors) write({ name: `outside any test: ${message}`, state: 'failed' });
  }

  // Playwright

  printsToStdio() {
    return false;
  }

  onBegin(_, suite) {
    write({ planned: suite.allTests().length });
  }

  onTestEnd(test, { status, duration, error, retry }) {
    const name = test.titlePath().filter(Boolean).join(' > ');
    // It is tried once more; this try is told, and counts as nothing.
    if (test.outcome() === 'unexpected' && retry < test.retries) {
      write({ name, state: 'tried', error: firstLine(error) });
      return;
    }
    const state = status === 'skipped' ? 'skipped' : test.outcome() === 'unexpected' ? 'failed' : 'passed';
    write({ name, state, seconds: duration / 1000, error: firstLine(error) });
  }

  onError({ message = '' }) {
    write({ name: `outside any test: ${message}`, state: 'failed' });
  }
}

/** Without colours; undefined where there is no error, so that it is not written. */
function firstLine(error) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ANSI colours begin with an escape
  return error?.message?.replaceAll(/\u001b\[[\d;]*m/g, '').split('\n')[0];
}
