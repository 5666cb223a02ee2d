import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { linesOf, pieces } from './highlight.ts';
import { KERNELS } from './kernels.ts';
import { ideaOf, reference, referenceFunctions, shader } from './sources.ts';

const root = new URL('../../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

test('every shader of the engine is shown, beside a reference that imports it', () => {
  const shown = new Set(KERNELS.flatMap(({ shaders }) => shaders));
  // Those of the trainer (train_*) belong to another view.
  const here = readdirSync(new URL('shaders/', root)).flatMap(
    (file) => /^(?!train_)(.*)[.]wgsl$/.exec(file)?.[1] ?? [],
  );
  // Two lines that switch a feature on need no explanation; `pack` lays a trainer's weights out and is no part of a pass.
  expect(here.filter((name) => !shown.has(name))).toEqual(['enable_f16', 'enable_subgroups', 'pack']);
  for (const { shaders, reference: path } of KERNELS) {
    const text = read(`src/${path}`);
    if (!text.includes('.wgsl?raw')) continue;
    for (const name of shaders) expect(text, path).toContain(`shaders/${name}.wgsl?raw`);
  }
});

test('what is shown is the file itself, in pieces that lose nothing', () => {
  for (const { shaders, reference: path } of KERNELS) {
    for (const name of shaders) {
      const file = shader(name);
      expect(file.text).toBe(read(file.path));
      expect(pieces(file.text, 'wgsl').map(({ text }) => text)).toSatisfy(
        (parts: string[]) => parts.join('') === file.text,
      );
    }
    const file = reference(path);
    expect(file.text).toBe(read(file.path));
    const joined = pieces(file.text, 'ts').map(({ text }) => text);
    expect(joined.join('')).toBe(file.text);
    const lines = linesOf(pieces(file.text, 'ts')).map((line) => line.map(({ text }) => text).join(''));
    expect(lines).toEqual(file.text.match(/.*\n/g));
  }
});

test('each kernel has its idea in one sentence, from the head of its file', () => {
  for (const { shaders } of KERNELS) {
    const idea = ideaOf(shader(shaders[0]).text);
    expect(idea.length, shaders[0]).toBeGreaterThan(20);
    expect(idea.length, shaders[0]).toBeLessThan(260);
    expect(idea).toMatch(/[.]$/);
  }
  expect(ideaOf('// One. Two.\n\nfn f() {}')).toBe('One.');
});

test('a reference is shown without bindings and constants, with its comment', () => {
  const norm = referenceFunctions(reference('engine/kernels/norm.ts').text);
  expect(norm).toMatch(/^\/\*\*\n \* layer: /);
  expect(norm).toContain('export function reference(');
  expect(norm).not.toContain('normConstants');
  expect(norm.trimEnd()).toMatch(/\n}$/);
  expect(referenceFunctions(reference('engine/kernels/matmul.ts').text).match(/^export function /gm)).toHaveLength(2);
  const gelu = reference('engine/kernels/gelu.ts').text;
  expect(referenceFunctions(gelu)).toBe(gelu);
});

test('comments, strings and keywords are told apart', () => {
  expect(pieces("let x = 'a // b'; // let", 'ts')).toEqual([
    { kind: 'keyword', text: 'let' },
    { kind: 'plain', text: ' x = ' },
    { kind: 'string', text: "'a // b'" },
    { kind: 'plain', text: '; ' },
    { kind: 'comment', text: '// let' },
  ]);
  expect(pieces('fn letter() {}', 'wgsl')).toEqual([
    { kind: 'keyword', text: 'fn' },
    { kind: 'plain', text: ' letter() {}' },
  ]);
});
