/** The code that the page gives away, run: TypeScript against the shipped model, Python by its own compiler. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseLink } from '../../../../diffusion/link.ts';
import { defaultSettings, type Settings } from '../../../../diffusion/settings.ts';
import { hostileTrace, shippedTrace } from '../../../testing/traces.ts';
import { frameAt } from '../../../trace/frame.ts';
import { plainText } from '../../../trace/words.ts';
import { pythonOf } from './python.ts';
import { commandOf, typescriptOf } from './typescript.ts';

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'unmask-code-'));
const asked = (change: Partial<Settings>) => {
  const trace = shippedTrace();
  return { ...trace, settings: { ...trace.settings, ...change } };
};

test('the TypeScript writes the text of the run it was made from', async () => {
  const trace = shippedTrace();
  // Elsewhere than in the program's folder, so that nothing is left there when this is cut short; .mts because no
  // package.json says there that it is a module.
  const code = typescriptOf(trace, false).replaceAll("from './src/", `from '${ROOT}src/`);
  const file = join(scratch, 'repeat.mts');
  writeFileSync(file, code);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--import', './src/node/raw-hooks.mjs', file],
    { cwd: ROOT },
  );
  const written = plainText(frameAt(trace, trace.steps.length).ids, trace.maskId, trace.pieces);
  expect(stdout.trimEnd()).toBe(written.trimEnd());
});

test('the command holds a link to the very settings, and nothing a shell would touch', () => {
  const settings = { ...defaultSettings(), prompt: 'It\'s "$HOME" `x` !! \\ [MASK]', seed: 7 };
  const command = commandOf(asked(settings), 'https://page.example/app/');
  const link = /^npm run generate -- --link '([^"$`!\\']+)'$/.exec(command)?.[1];
  expect(parseLink(new URL(link ?? '').hash)).toEqual({ settings, problems: [] });
});

describe('the Python', () => {
  test('names dLLM’s own settings', () => {
    const code = pythonOf(
      asked({ mode: 'continue', schedule: 'cosine', sampler: 'random', block: 0, guidance: 0.5, ends: 'late' }),
      false,
    );
    expect(code).toContain('scheduler=dllm.core.schedulers.CosineAlphaScheduler()');
    expect(code).toContain('remasking="random"');
    expect(code).toContain('block_size=64');
    expect(code).toContain('cfg_scale=0.5');
    expect(code).toContain('begin_suppress_tokens=ends');
    expect(code).toContain('suppress_tokens=[tokenizer.mask_token_id]');
    expect(code).toContain('the same seed gives another text');
  });

  test('says what dLLM has not, and where it has it for other models', () => {
    const code = pythonOf(asked({ sampler: 'threshold', schedule: 'log', topP: 0.5, cache: 'dual' }), true);
    expect(code).toContain('has no order “All above a threshold”');
    expect(code).toContain('dllm.pipelines.fastdllm');
    expect(code).toContain('nothing for: Top p 0.5, Cache dual');
    expect(code).toContain('This run is a branch');
    // A threshold does not look at the schedule, so nothing is said of it.
    expect(code).not.toContain('has no schedule');
  });

  test('adds nothing to what is the same in both', () => {
    const code = pythonOf(asked({ temperature: 0, orderTemperature: 0, exact: true }), false);
    expect(code).not.toMatch(/nothing for|no order|no schedule|another text|suppress_tokens/);
  });

  const hasPython = (() => {
    try {
      execFileSync('python3', ['--version']);
      return true;
    } catch {
      return false;
    }
  })();

  test.skipIf(!hasPython)('compiles, whatever the words', () => {
    const turns = JSON.stringify([['</script>"""\n', "it's \\ \u2028"]]);
    const prompt = hostileTrace().settings.prompt;
    const files = [
      {},
      { mode: 'fill', prompt: `a [MASK] "b" '''${prompt}` },
      { mode: 'chat', system: 'Be "kind"', turns, prompt, ends: 'never', stochastic: true },
    ].map((change, i) => {
      const file = join(scratch, `run${i}.py`);
      writeFileSync(file, pythonOf(asked(change as Partial<Settings>), true));
      return file;
    });
    execFileSync('python3', ['-m', 'py_compile', ...files], { stdio: 'pipe' });
  });
});
