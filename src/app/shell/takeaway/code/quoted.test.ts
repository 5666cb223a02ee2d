/**
 * The exported lines, run: nothing in a name is carried out, and every argument arrives as it was. The names are after a
 * report of a link whose model was called `$(…)`; POSIX.1-2017, Shell Command Language §2.2.2, says what single quotes keep.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLink } from '../../../../diffusion/link.ts';
import { shippedTrace } from '../../../testing/traces.ts';
import { pythonOf } from './python.ts';
import { pythonString, shellWord, tame, typescriptString } from './quoted.ts';
import { commandOf, typescriptOf } from './typescript.ts';

const HOSTILE = [
  '$(touch pwned)',
  '`touch pwned`',
  ['$', '{IFS}touch$', '{IFS}pwned'].join(''),
  "'; touch pwned; '",
  '"; touch pwned; "',
  "'$(touch pwned)'",
  'a\ntouch pwned\n',
  'a\r\ntouch pwned',
  '-rf',
  '--link=x',
  '--',
  '!!',
  '!touch',
  '\\',
  "\\'",
  'a && touch pwned',
  'a | touch pwned',
  '> pwned',
  '* ? [a-z] ~ {a,b} # no',
  '$HOME %PATH% ^ & ;',
  "it's",
  '\u202etouch\u2066',
  '从前 🐈',
  '',
];
/** What a terminal would take for a key: kill the line, then a line of its own. */
const KEYS = 'a\u0015touch pwned\n\u001b[201~touch pwned\u0000\u007f\u009b';

const scratch = mkdtempSync(join(tmpdir(), 'unmask-shell-'));
const bin = join(scratch, 'bin');
mkdirSync(bin);
// In the place of npm: says its arguments.
writeFileSync(join(bin, 'npm'), `#!/bin/sh\nfor each; do printf '%s\\0' "$each"; done > said\n`);
chmodSync(join(bin, 'npm'), 0o755);

const shells = ['sh', 'dash', 'bash', 'zsh', 'ksh', 'busybox'].filter((shell) => !spawnSync(shell, ['-c', ':']).error);

/** Arguments that a line hands over in a folder of its own, and what else lies there afterwards. */
function handedOver(shell: string, line: string): { readonly said: string[]; readonly left: string[] } {
  const folder = mkdtempSync(join(scratch, 'run-'));
  const file = join(folder, 'line.sh');
  writeFileSync(file, `${line}\n`);
  const own = shell === 'busybox' ? ['busybox', 'sh'] : [shell];
  execFileSync(own[0] as string, [...own.slice(1), file], {
    cwd: folder,
    env: { PATH: `${bin}:${process.env['PATH']}`, HOME: folder },
    stdio: 'pipe',
  });
  // No argument holds a NUL, which ends each.
  const said = readFileSync(join(folder, 'said'), 'utf8').split('\0').slice(0, -1);
  return { said, left: readdirSync(folder).filter((name) => name !== 'line.sh' && name !== 'said') };
}

const named = (model: string, prompt: string) => {
  const trace = shippedTrace();
  return { ...trace, settings: { ...trace.settings, model, prompt } };
};

describe.each(shells)('in %s the command', (shell) => {
  test('hands every hostile name over whole and carries none of it out', () => {
    for (const name of HOSTILE) {
      const trace = named(`owner/${name}`, name);
      const { said, left } = handedOver(shell, commandOf(trace, "https://page.example/it's/$(touch pwned)/"));
      const folder = `models/${name.split('/').at(-1)}`.replace(/[\u202e\u2066\r]/g, '_');
      expect([said[0], said[1], said[2], said[3], ...said.slice(5)]).toEqual([
        'run',
        'generate',
        '--',
        '--link',
        '--model',
        folder,
      ]);
      const link = said[4] as string;
      expect(link.startsWith("https://page.example/it's/$(touch pwned)/#/generate?")).toBe(true);
      expect(parseLink(link.slice(link.indexOf('#'))).settings.prompt).toBe(name);
      expect(left).toEqual([]);
    }
  });

  test('hands any words over whole', () => {
    const words = fc.array(
      fc.string({ unit: fc.constantFrom("'", '"', '$', '`', '\\', '\n', ' ', '!', '-', 'a', '(', ')', ';', '*', 'é') }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(words, (all) => {
        expect(handedOver(shell, `npm ${all.map(shellWord).join(' ')}`)).toEqual({ said: all, left: [] });
      }),
      { numRuns: 8 },
    );
  });
});

test('npm itself hands the words on to the program as they came', () => {
  const folder = mkdtempSync(join(scratch, 'npm-'));
  writeFileSync(
    join(folder, 'say.cjs'),
    "require('node:fs').writeFileSync('said.json', JSON.stringify(process.argv.slice(2)));\n",
  );
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'x', version: '1.0.0', scripts: { generate: 'node say.cjs' } }),
  );
  const prompt = HOSTILE.join(' ');
  for (const name of ['$(touch pwned) `touch pwned` \'x\' "y" !! \\', 'a\ntouch pwned']) {
    execFileSync('sh', ['-c', commandOf(named(name, prompt), 'https://page.example/')], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, npm_config_update_notifier: 'false' },
      stdio: 'pipe',
    });
    const said = JSON.parse(readFileSync(join(folder, 'said.json'), 'utf8')) as string[];
    expect([said[0], ...said.slice(2)]).toEqual(['--link', '--model', `models/${name}`]);
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  }
});

test('no line holds what a terminal takes for a key', () => {
  const line = commandOf(named(KEYS, KEYS), 'https://page.example/');
  expect(line).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(tame('a\u0015b\u202e\n\u{1f408}')).toBe('a_b_\n\u{1f408}');
});

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...HOSTILE, KEYS, '\u2028\u2029', '"""', '\\u0041', '\u{e0041}', '\ufeff'),
);

describe('TypeScript', () => {
  test('strings are the texts again, and show all their signs', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const literal = typescriptString(text);
        expect(new Function(`return ${literal}`)()).toBe(text);
        expect(literal).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test.each([...HOSTILE, KEYS].map((name) => [name]))(
    'of a run of the model %j has its settings, and no other line',
    (name) => {
      const code = typescriptOf(named(`owner/${name}`, name), true);
      const [, found] = /const settings: Settings = (\{[\s\S]*?\n\});/.exec(code) ?? [];
      const settings = new Function('defaultSettings', `return ${found}`)(() => ({}));
      expect([settings.model, settings.prompt]).toEqual([`owner/${name}`, name]);
      // All that stands before the imports is a comment.
      const head = code
        .slice(0, code.indexOf('import {'))
        .split(/[\n\r\u2028\u2029]/)
        .filter((line) => line !== '');
      expect(head.filter((line) => !line.startsWith('// '))).toEqual([]);
    },
  );
});

describe('Python', () => {
  const python = ['python3', 'python'].find((name) => !spawnSync(name, ['--version']).error);

  test.skipIf(!python)('strings are the texts again', () => {
    const texts = [
      ...fc.sample(fc.string({ unit: 'binary' }), { numRuns: 300, seed: 1 }),
      ...HOSTILE,
      KEYS,
      '\u2028',
      '"""',
      '\u{e0041}',
    ];
    const whole = texts.map((text) => text.replace(/\p{Surrogate}/gu, '\ufffd'));
    const file = join(scratch, 'strings.py');
    writeFileSync(file, `[${whole.map(pythonString).join(',\n')}]`);
    const script =
      'import ast, json, sys; print(json.dumps(ast.literal_eval(open(sys.argv[1], encoding="utf-8", newline="").read())))';
    const said = execFileSync(python as string, ['-c', script, file], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    expect(JSON.parse(said)).toEqual(whole);
  });

  test.skipIf(!python)('of hostile runs is data and calls of dLLM, nothing else', () => {
    const script = `
import ast, sys
for name in sys.argv[1:]:
    tree = ast.parse(open(name, encoding='utf-8', newline='').read())
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names <= {'dllm', 'transformers', 'model', 'model_args', 'tokenizer', 'sampler', 'ends', 'config', 'inputs', 'messages', 'outputs', 'print', 'sorted'}, names
    heads = {type(node).__name__ for node in tree.body}
    assert heads <= {'Import', 'Expr', 'Assign'}, heads
`;
    const files = [...HOSTILE, KEYS].map((name, i) => {
      const file = join(scratch, `run${i}.py`);
      const trace = named(name, name);
      const mode = (['continue', 'fill', 'chat'] as const)[i % 3] as 'chat';
      const turns = JSON.stringify([[name, name]]);
      writeFileSync(file, pythonOf({ ...trace, settings: { ...trace.settings, mode, turns, system: name } }, true));
      return file;
    });
    execFileSync(python as string, ['-c', script, ...files], { stdio: 'pipe' });
  });
});
