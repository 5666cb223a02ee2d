/**
 * What the page can say where none of its modules runs: `frame.js` (src/app/frame), a classic script, and the sentences of
 * `<noscript>`, in every language that has a folder.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin, type ResolvedConfig } from 'vite';

export function frame(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'frame',
    configResolved(resolved) {
      config = resolved;
    },
    transformIndexHtml(html) {
      const texts = join(config.root, 'src/app/messages/text');
      const said = readdirSync(texts, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => {
          const words = JSON.parse(readFileSync(join(texts, name, 'frame.json'), 'utf8')) as { needsScript: string };
          return `<p lang="${name}">${words.needsScript}</p>`;
        });
      return html.replace('<noscript></noscript>', `<noscript>${said.join('\n')}</noscript>`);
    },
    // Before the list of files for use without a network is made (closeBundle).
    async writeBundle() {
      await build({
        configFile: false,
        root: config.root,
        publicDir: false,
        logLevel: 'warn',
        build: {
          outDir: resolve(config.root, config.build.outDir),
          emptyOutDir: false,
          target: 'es2022',
          rolldownOptions: {
            input: join(config.root, 'src/app/frame/index.ts'),
            output: { format: 'iife', entryFileNames: 'frame.js' },
          },
        },
      });
    },
  };
}
