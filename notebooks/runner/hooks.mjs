/**
 * Lets Node import a notebook: its TypeScript cells one after the other are one module, in which the last expression of
 * each cell is handed to whoever shows it, as Jupyter's kernels do. Use: `--import ./notebooks/runner/hooks.mjs`.
 */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import ts from 'typescript';

if (isMainThread) register(import.meta.url);

export function load(url, context, next) {
  if (!url.endsWith('.ipynb')) return next(url, context);
  const { cells } = JSON.parse(readFileSync(new URL(url), 'utf8'));
  const sources = cells.filter(({ cell_type: type }) => type === 'code').map(({ source }) => [source].flat().join(''));
  return { source: moduleOf(sources), format: 'module', shortCircuit: true };
}

/** JavaScript that calls `notebook.begin(n)` before cell n and `notebook.show(value)` with its last expression. */
function moduleOf(cells) {
  const marked = cells.map((source, n) => `notebook.begin(${n});\n${showingLast(source)}\n;`);
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: false };
  return ts.transpileModule(marked.join('\n'), { compilerOptions }).outputText;
}

function showingLast(source) {
  const last = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2023).statements.at(-1);
  if (last?.kind !== ts.SyntaxKind.ExpressionStatement) return source;
  const { pos, end } = last.expression;
  return `${source.slice(0, pos)}\n;await notebook.show(\n${source.slice(pos, end)}\n);`;
}
