/**
 * `import script from './x.ts?script'` gives a file and all that it imports as the text of one script, for a page that is
 * to carry it in itself.
 */
import { build, type Plugin } from 'vite';

const QUERY = '?script';

export function inlineScripts(): Plugin {
  return {
    name: 'inline-script',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith(QUERY)) return undefined;
      const found = await this.resolve(source.slice(0, -QUERY.length), importer);
      return found && `${found.id}${QUERY}`;
    },
    async load(id) {
      if (!id.endsWith(QUERY)) return undefined;
      const built = await build({
        configFile: false,
        logLevel: 'error',
        build: {
          write: false,
          target: 'es2022',
          minify: true,
          modulePreload: false,
          rolldownOptions: { input: id.slice(0, -QUERY.length), output: { format: 'iife' } },
        },
      });
      const [chunk] = 'output' in built ? built.output : [];
      if (chunk?.type !== 'chunk') throw new Error(`${id} did not become a script.`);
      for (const file of chunk.moduleIds) this.addWatchFile(file);
      // It must not end the element that carries it.
      return `export default ${JSON.stringify(chunk.code.trim().replaceAll('</', '<\\/'))};`;
    },
  };
}
