/**
 * The very files that run, as text: each kernel's WGSL and its plain reference. The page shows them and imports nothing of
 * them, which is why they come by `import.meta.glob` and not by an import of code.
 */
const shaders = import.meta.glob<string>(['../../../../shaders/*.wgsl', '!**/train_*.wgsl'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const references = import.meta.glob<string>(
  ['../../../engine/kernels/*.ts', '../../../engine/pack.ts', '../../../diffusion/rng.ts', '!**/*.test.ts'],
  { query: '?raw', import: 'default', eager: true },
);

export interface SourceFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export function shader(name: string): SourceFile {
  return { path: `shaders/${name}.wgsl`, text: shaders[`../../../../shaders/${name}.wgsl`] ?? '' };
}

/** `path` from `src/`. */
export function reference(path: string): SourceFile {
  return { path: `src/${path}`, text: references[`../../../${path}`] ?? '' };
}

/** The exported functions whose names end in "reference", each with the comment before it; the whole text where there is none. */
export function referenceFunctions(text: string): string {
  const functions = text.matchAll(
    /(?:^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?^export function \w*[rR]eference\([\s\S]*?^}\n/gm,
  );
  return Array.from(functions, ([found]) => found).join('\n') || text;
}

/** The first sentence of the comment that a shader begins with. */
export function ideaOf(text: string): string {
  const head = /^(?:\/\/[^\n]*\n)+/.exec(text)?.[0] ?? '';
  const words =
    head
      .replaceAll(/^\/\/ ?/gm, '')
      .split('\n\n')[0]
      ?.replaceAll('\n', ' ')
      .trim() ?? '';
  return /^.*?[.](?= |$)/.exec(words)?.[0] ?? words;
}
