import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('Node reads a ?raw import as the text of the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'raw-hooks-'));
  try {
    const shader = '// "quotes", `ticks` and \\n stay\nfn main() {}\n';
    writeFileSync(join(folder, 'kernel.wgsl'), shader);
    writeFileSync(
      join(folder, 'script.mts'),
      "import source from './kernel.wgsl?raw';\nprocess.stdout.write(source satisfies string);\n",
    );
    const args = ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs', join(folder, 'script.mts')];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe(shader);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
