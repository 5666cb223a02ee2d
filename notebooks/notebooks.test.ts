/** The course says what is stored in it: in Jupyter's Deno kernel where there is one, by our own runner elsewhere. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { difference } from './runner/compare.ts';
import { joined, type Output, readNotebook } from './runner/notebook.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COURSE = ['1-schedules', '2-forward-and-elbo', '3-samplers', '4-training', '5-traces'];

function hasDenoKernel(): boolean {
  const { status, stdout } = spawnSync('jupyter', ['kernelspec', 'list', '--json'], { encoding: 'utf8' });
  return status === 0 && 'deno' in (JSON.parse(stdout) as { kernelspecs: object }).kernelspecs;
}

/** `npm run notebooks` with these arguments. */
function run(...argv: string[]): Promise<{ code: number | null; output: string }> {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { scripts: { notebooks: string } };
  const [, ...words] = scripts.notebooks.split(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...words, ...argv], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

const jupyter = hasDenoKernel();

test(`the course runs as stored, in ${jupyter ? 'the Deno kernel of Jupyter' : 'the runner without Jupyter'}`, async () => {
  const { code, output } = await run(...(jupyter ? ['--jupyter'] : []), ...COURSE);
  expect({ code, output }).toMatchObject({ code: 0 });
  for (const name of COURSE) expect(output).toContain(`${name}.ipynb: as stored`);
});

test('every notebook ends with three to five exercises, each with something to unfold', () => {
  for (const name of COURSE) {
    const { cells } = readNotebook(`${ROOT}/notebooks/${name}.ipynb`);
    const [, exercises = ''] = joined(cells.at(-1)?.source ?? '').split('## Exercises');
    const count = exercises.match(/^\*\*\d\.\*\*/gm)?.length ?? 0;
    expect(count, name).toBeGreaterThanOrEqual(3);
    expect(count, name).toBeLessThanOrEqual(5);
    expect(exercises.match(/<details>/g), name).toHaveLength(count);
  }
});

const printed = (text: string): Output[] => [{ output_type: 'stream', name: 'stdout', text }];

test('two runs say the same when words are equal and numbers are close', () => {
  expect(difference(printed('loss 2.345\n'), printed('loss 2.347\n'))).toBeUndefined();
  expect(difference(printed('loss 2.345\n'), printed('loss 2.5\n'))).toContain('now stdout "loss 2.5"');
  expect(difference(printed('a red ball'), printed('a blue ball'))).toContain('a blue ball');
  expect(difference(printed('1 2 3'), printed('1 2'))).toContain('1 2');
  expect(difference([], printed('more'))).toContain('stored nothing');
});

test('what a kernel was late to send may be missing, what it sent may not differ', () => {
  expect(difference(printed('a\nb\nc\n'), printed('a\nc\n'), true)).toBeUndefined();
  expect(difference(printed('a\nb\nc\n'), printed('c\na\n'), true)).toContain('now stdout "a"');
  expect(difference(printed('a\n'), printed('b\n'), true)).toContain('now stdout "b"');
});

test('how a kernel cuts up or colours what it prints makes no difference', () => {
  expect(difference(printed('a\nb\n'), [...printed('a\n'), ...printed('b\n')])).toBeUndefined();
  expect(difference(printed('3'), printed('\u001b[33m3\u001b[39m'))).toBeUndefined();
});

test('a notebook that is not there is named', async () => {
  const { code, output } = await run('9-nowhere');
  expect(code).toBe(1);
  expect(output).toContain('There is no notebook "9-nowhere"');
});
