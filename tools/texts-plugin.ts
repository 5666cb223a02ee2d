/**
 * `import … from './text/en/core.json?words=chat,core'` gives these JSON files of the folder as one module, named `words`,
 * whose `texts` holds them by name: one file to fetch, and one list for all languages.
 */
import { dirname } from 'node:path';
import type { Plugin } from 'vite';

const ASKED = /^(?<file>.+[.]json)[?](?<name>\w+)=(?<parts>[\w,]+)$/;
const FOUND = /^(?<folder>.+)[/]\w+[.]texts[?](?<parts>[\w,]+)$/;

export function joinedTexts(): Plugin {
  let root: string;
  return {
    name: 'joined-texts',
    enforce: 'pre',
    configResolved(config) {
      ({ root } = config);
    },
    async resolveId(source, importer) {
      // The development server asks for it again by its address.
      if (FOUND.test(source)) return source.startsWith(root) ? source : root + source;
      const { file, name, parts } = ASKED.exec(source)?.groups ?? {};
      if (file === undefined) return undefined;
      const found = await this.resolve(file, importer);
      return found && `${dirname(found.id)}/${name}.texts?${parts}`;
    },
    load(id) {
      const { folder, parts = '' } = FOUND.exec(id)?.groups ?? {};
      if (folder === undefined) return undefined;
      const names = parts.split(',');
      const imports = names.map((name) => `import ${name} from ${JSON.stringify(`${folder}/${name}.json`)};`);
      return `${imports.join('\n')}\nexport const texts = { ${names.join(', ')} };`;
    },
  };
}
