/** What the page asks about a conversation, and a whole chat through the session, on the shipped weights. */

import { expect, test } from 'vitest';
import { dllmTemplate } from '../checkpoint/chat-template.ts';
import { formatTurns } from '../diffusion/conversation.ts';
import { writtenIn } from '../diffusion/ops.ts';
import { defaultSettings } from '../diffusion/settings.ts';
import type { Step } from '../diffusion/trace.ts';
import { createCompute } from './client.ts';
import { lineTo, onFallback, openStories } from './testing/surroundings.ts';

const chats = {
  ...onFallback,
  openModel: async (...given: Parameters<typeof openStories>) => ({
    ...(await openStories(...given)),
    chatTemplate: dllmTemplate,
    chat: true,
  }),
};
const loading = { source: 'stories', model: 'stories', backend: 'fallback' } as const;

test('a chat is counted, written, cut and counted again', async () => {
  const page = createCompute(() => lineTo(chats));
  const { maxLength } = await page.load(loading);
  const settings = { ...defaultSettings(), mode: 'chat' as const, prompt: 'Who is there?', length: 12, steps: 4 };
  const count = async (turns: string) => {
    for await (const { tokens } of page.run('countPrompt', { settings: { ...settings, turns } })) return tokens;
    return Number.NaN;
  };
  const alone = await count('');

  let start: Int32Array | undefined;
  const steps: Step[] = [];
  for await (const event of page.generate({ settings })) {
    if (event.kind === 'started') start = event.start.ids;
    else steps.push(event.step);
  }
  expect(start).toHaveLength(alone + 12);
  const ids = Array<number>(12).fill(4);
  for (const { slot, id } of steps.flatMap(writtenIn)) ids[slot - alone] = id;

  let reply = '';
  for await (const event of page.run('reply', { ids: [...ids.slice(0, 5), 0, ...ids.slice(5)] })) {
    reply = event.reply.text;
    expect(event.reply.ending).toMatchObject({ to: expect.any(Number) });
  }
  expect(reply).not.toBe('');
  expect(await count(formatTurns([{ question: 'Who is there?', answer: reply }]))).toBeGreaterThan(alone * 2);
  expect(maxLength).toBeGreaterThan(alone + 12);
  page.dispose();
});

test('a model without a template says that it cannot chat', async () => {
  const page = createCompute(() => lineTo(onFallback));
  await page.load(loading);
  const asked = page.run('countPrompt', { settings: { ...defaultSettings(), mode: 'chat' } }).next();
  await expect(asked).rejects.toThrow('no chat template');
  page.dispose();
});
