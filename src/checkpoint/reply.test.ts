/** How dLLM cuts an answer (dllm/utils/sampling.py), on the tokenizer of a real model. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CHAT_DEFAULTS } from '../diffusion/chat-defaults.ts';
import { formatTurns } from '../diffusion/conversation.ts';
import { generate } from '../diffusion/generate.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import { dllmSample } from '../diffusion/testing/dllm-port.ts';
import { replayAll } from '../diffusion/testing/replay-all.ts';
import { tableNetwork, withEnds } from '../diffusion/testing/table-network.ts';
import { dllmTemplate } from './chat-template.ts';
import { parseConfig } from './config.ts';
import { canvasFor } from './prompt.ts';
import { endingIn, replyOf } from './reply.ts';
import { openTokenizer } from './tokenizer.ts';

const read = (name: string) => readFileSync(new URL(`../../public/models/stories/${name}`, import.meta.url));
const tokenizer = openTokenizer(JSON.parse(read('tokenizer.json').toString()));
const { arch } = parseConfig(read('config.json'));
const model = { arch, tokenizer };
const { pad: PAD = -1, eos: EOS = -1, mask: MASK = -1 } = arch.ids;
const ids = (text: string) => tokenizer.encode(text);

describe('the reply', () => {
  test.each<[string, readonly number[], string]>([
    ['ends at padding', [...ids('\nA red ball.\n'), PAD, ...ids(' more'), PAD], 'A red ball.'],
    ['ends at an end token', [...ids('A ball.'), EOS, ...ids(' more')], 'A ball.'],
    ['ends at [/Answer] as text', [...ids('A ball.\n[/Answer]\n\n[Question]'), PAD], 'A ball.'],
    ['ends at [PAD] as text, whichever comes first', ids('A ball.[/Answer] [PAD]'), 'A ball.'],
    ['runs to the end', ids(' A ball and a'), 'A ball and a'],
    ['is empty', [PAD, ...ids('A ball.')], ''],
    ['has no text for masks', [...ids('A'), MASK, ...ids(' ball')], 'A ball'],
    ['keeps what only looks like an end', ids('[Answer] is [a] word'), '[Answer] is [a] word'],
  ])('%s', (_, given, text) => {
    expect(replyOf(given, model).text).toBe(text);
  });

  test('what ends it is found among the tokens, wherever they are cut', () => {
    for (const before of ['A ball.', 'A ball', 'A ball.\n', 'Ein Bär 🐻 ']) {
      const given = [...ids(`${before}[/Answer]\n\n`), PAD, PAD];
      const { from, to } = endingIn(model)(given) ?? { from: -1, to: -1 };
      const text = (list: readonly number[]) => tokenizer.decode(list);
      expect(text(given.slice(0, to))).toContain('[/Answer]');
      expect(text(given.slice(0, to - 1))).not.toContain('[/Answer]');
      expect(text(given.slice(from))).toContain('[/Answer]');
      expect(text(given.slice(from + 1))).not.toContain('[/Answer]');
    }
    expect(endingIn(model)([5, 6, PAD, PAD])).toEqual({ from: 2, to: 3 });
    expect(endingIn(model)(ids('A ball.'))).toBeUndefined();
  });
});

test('a chat of two turns, written as dLLM writes it: same canvas, same choices, same reply', async () => {
  const turns = formatTurns([{ question: 'Who is there?', answer: 'A small fox.' }]);
  const chat = { ...defaultSettings(), ...CHAT_DEFAULTS, mode: 'chat', turns, prompt: 'And who else?' } as const;
  const settings = { ...chat, exact: true, length: 24, steps: 24, block: 8 };
  const start = canvasFor(settings, tokenizer, arch, dllmTemplate);
  const answer = [...ids('\nA big bear.\n[/Answer]\n\n'), PAD];
  const P = start.ids.length - settings.length;
  // Sure of the answer and of the padding behind it, in an order of its own, and everything else a little likely.
  const net = tableNetwork(arch.vocab, MASK, (canvas, slot) => {
    const known = canvas.reduce((sum, id) => sum + (id === MASK ? 1 : 0), 0);
    const logits = new Float32Array(arch.vocab);
    logits[answer[Math.min(slot - P, answer.length - 1)] ?? PAD] = 9 + 3 * Math.sin(slot * 7 + known);
    return logits;
  });
  const want = await dllmSample(withEnds(net, [PAD]), start.ids, P, settings);
  const steps = generate(withEnds(net, [PAD]), start, settings, { ending: endingIn(model) });
  const got = await replayAll(start, steps);
  // replayAll writes the mask of another table into slots that are masked again; nothing is masked again here.
  expect(got.map((canvas) => [...canvas.ids])).toEqual(want);
  expect(replyOf(want.at(-1)?.slice(P) ?? [], model).text).toBe('A big bear.');

  const early = [];
  const stop = generate(net, start, { ...settings, exact: false }, { ending: endingIn(model) });
  for await (const step of stop) early.push(step);
  expect(early.length).toBeLessThan(24);
  expect(early.at(-1)?.ended?.saved).toBe(24 - early.length);
});
