/**
 * Runs the TypeScript notebooks: `npm run notebooks [-- NAME …]` executes them and compares what they say with what is
 * stored in them; `--write` stores it; `--jupyter` has Jupyter and its Deno kernel do it instead of this program.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format, inspect, parseArgs } from 'node:util';
import { difference } from './compare.ts';
import { codeCells, linesOf, type Notebook, type Output, readNotebook, writeNotebook } from './notebook.ts';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const DISPLAY = Symbol.for('Jupyter.display');

/**
 * The notebooks that the Deno kernel runs, in the order of their names. One whose metadata says `unmask.onRequest` takes
 * long, and is run only when named.
 */
function notebooksHere(names: readonly string[]): string[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ipynb'));
  const about = new Map(files.map((file) => [file, readNotebook(join(FOLDER, file)).metadata]));
  const ours = files.filter((file) => about.get(file)?.kernelspec?.name === 'deno').sort();
  const missing = names.find((name) => !ours.some((file) => file.startsWith(name)));
  if (missing !== undefined) throw new Error(`There is no notebook "${missing}" among ${ours.join(', ')}.`);
  if (names.length === 0) return ours.filter((file) => about.get(file)?.unmask?.onRequest !== true);
  return ours.filter((file) => names.some((name) => file.startsWith(name)));
}

/** Outputs of each code cell, from our own run of the notebook as a module (`hooks.mjs`). */
async function runHere(path: string): Promise<Output[][]> {
  const all: Output[][] = codeCells(readNotebook(path)).map(() => []);
  let cell = 0;
  const printed =
    (name: string) =>
    (...values: unknown[]) =>
      void all[cell]?.push({ output_type: 'stream', name, text: linesOf(`${format(...values)}\n`) });
  const { log, info, warn, error } = console;
  Object.assign(console, {
    log: printed('stdout'),
    info: printed('stdout'),
    warn: printed('stderr'),
    error: printed('stderr'),
  });
  Object.assign(globalThis, {
    notebook: {
      begin: (n: number) => {
        cell = n;
      },
      show: async (value: unknown) => {
        const data = await mediaOf(await value);
        if (data) all[cell]?.push({ output_type: 'execute_result', data, metadata: {}, execution_count: cell + 1 });
      },
    },
  });
  try {
    await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new Error(`Cell ${cell + 1} failed: ${inspect(cause)}`);
  } finally {
    Object.assign(console, { log, info, warn, error });
  }
  return all.map(joinStreams);
}

async function mediaOf(value: unknown): Promise<Record<string, string[]> | undefined> {
  if (value === undefined) return undefined;
  const shown = value as { readonly [DISPLAY]?: () => Promise<Record<string, string>> | Record<string, string> } | null;
  const media = (await shown?.[DISPLAY]?.()) ?? { 'text/plain': inspect(value) };
  return Object.fromEntries(Object.entries(media).map(([kind, text]) => [kind, linesOf(text)]));
}

function joinStreams(outputs: readonly Output[]): Output[] {
  const kept: Output[] = [];
  for (const output of outputs) {
    const last = kept.at(-1);
    if (output.output_type !== 'stream' || last?.output_type !== 'stream' || last.name !== output.name)
      kept.push(output);
    else kept[kept.length - 1] = { ...last, text: [...last.text, ...output.text] };
  }
  return kept;
}

/** The same from Jupyter, which must be installed with Deno's kernel (`deno jupyter --install`). */
function runInJupyter(path: string): Output[][] {
  const out = mkdtempSync(join(tmpdir(), 'unmask-notebook-'));
  try {
    const args = ['nbconvert', '--to', 'notebook', '--execute', path, '--output-dir', out, '--output', 'executed'];
    // A busy machine takes longer than the usual four seconds to pass on what a cell has shown.
    args.push('--ExecutePreprocessor.iopub_timeout=60');
    const { status, stderr } = spawnSync('jupyter', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`jupyter nbconvert failed: ${stderr.slice(-2000)}`);
    return codeCells(readNotebook(join(out, 'executed.ipynb'))).map(({ outputs }) => [...(outputs ?? [])]);
  } finally {
    rmSync(out, { recursive: true });
  }
}

function store(notebook: Notebook, outputs: readonly Output[][]): Notebook {
  for (const [n, cell] of codeCells(notebook).entries()) {
    cell.execution_count = n + 1;
    cell.outputs = outputs[n] ?? [];
  }
  return notebook;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean' }, jupyter: { type: 'boolean' } },
});
let wrong = 0;
for (const file of notebooksHere(positionals)) {
  const path = join(FOLDER, file);
  const began = performance.now();
  const outputs = values.jupyter ? runInJupyter(path) : await runHere(path);
  const seconds = `${((performance.now() - began) / 1000).toFixed(1)} s`;
  if (values.write) {
    writeNotebook(path, store(readNotebook(path), outputs));
    console.log(`${file}: written, ${seconds}`);
    continue;
  }
  const stored = codeCells(readNotebook(path)).map((cell) => cell.outputs ?? []);
  const differences = stored.flatMap((before, n) => {
    const found = difference(before, outputs[n] ?? [], values.jupyter);
    return found === undefined ? [] : [`cell ${n + 1}: ${found}`];
  });
  const showing = (cells: readonly (readonly Output[])[]) => cells.filter((each) => each.length > 0).length;
  if (2 * showing(outputs) < showing(stored)) differences.push('most cells show nothing');
  wrong += differences.length;
  console.log(
    `${file}: ${differences.length === 0 ? 'as stored' : `differs\n  ${differences.join('\n  ')}`}, ${seconds}`,
  );
}
process.exitCode = wrong > 0 ? 1 : 0;
