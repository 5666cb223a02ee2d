/** A conversation with a chat model from a hub, end to end: the shipped weights with dLLM's template beside them. */

import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import { openTokenizer } from '../src/checkpoint/tokenizer.ts';
import { writtenSlotsIn } from '../src/diffusion/ops.ts';
import { decodeTrace } from '../src/diffusion/trace-decode.ts';
import { axeFindings } from './axe.ts';
import { CHAT_MODEL, writeChatModel } from './chat-model.ts';
import { type Hub, startHub } from './hub.ts';
import { masks, modelReady, open, saveRun, sideways, slots, timeLine } from './journey.ts';

let hub: Hub;
test.beforeEach(async () => {
  hub = await startHub(writeChatModel);
});
test.afterEach(async () => {
  await hub[Symbol.asyncDispose]();
});

const tokenizer = openTokenizer(
  JSON.parse(readFileSync(new URL('../public/models/stories/tokenizer.json', import.meta.url), 'utf8')),
);
const chip = (page: Page) => page.locator('.chip.model');
const box = (page: Page) => page.getByRole('textbox', { name: 'Your message' });
const thread = (page: Page) => page.getByRole('region', { name: 'Conversation' });

/** Downloads the chat model from the hub, as a person does. */
async function getModel(page: Page): Promise<void> {
  await page.addInitScript((endpoint) => {
    if (!localStorage.getItem('unmask.preferences')) {
      localStorage.setItem('unmask.preferences', JSON.stringify({ hub: endpoint }));
    }
  }, hub.endpoint);
  await open(page, { backend: 'fallback' });
  await modelReady(page);
  await chip(page).click();
  const dialog = page.getByRole('dialog', { name: 'Models' });
  await dialog.getByLabel('Another model by its id or address').fill(CHAT_MODEL);
  await dialog.getByRole('button', { name: 'Look up', exact: true }).click();
  await dialog.getByRole('button', { name: 'Download', exact: true }).click();
  await expect(chip(page)).toContainText(`${CHAT_MODEL}, 3M parameters`);
  await page.keyboard.press('Escape');
}

async function length(page: Page, value: number): Promise<void> {
  const field = page.getByRole('spinbutton', { name: 'Length' });
  await field.fill(String(value));
  await field.press('Tab');
}

async function answered(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeVisible();
  await timeLine(page).focus();
  await page.keyboard.press('End');
}

async function savedTrace(page: Page) {
  return decodeTrace(readFileSync(await saveRun(page), 'utf8'));
}

test('two turns: dLLM’s defaults, the rendered prompt, an early stop, a reload, edits; and a conversation too long', async ({
  page,
}) => {
  await getModel(page);

  await test.step('a chat model brings its mode and dLLM’s settings', async () => {
    await expect(page.getByRole('button', { name: 'Chat', exact: true })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('spinbutton', { name: 'Length' })).toHaveValue('128');
    await expect(page.getByRole('spinbutton', { name: 'Temperature' })).toHaveValue('0');
    await expect(page.getByText('Ask something.')).toBeVisible();
    await expect(slots(page)).toHaveCount(0);
    await length(page, 24);
    await page.getByRole('button', { name: 'As dLLM does' }).click();
    await expect(page.getByRole('spinbutton', { name: 'Length' })).toHaveValue('128');
    await length(page, 24);
  });

  let first: string;
  const prompt = '[Question]\nWho lives in the wood?\n[/Question]\n\n[Answer]\n';
  await test.step('Enter sends; an answer that fills its canvas may be cut off, and the page says so', async () => {
    await box(page).fill('  Who lives in the wood?');
    await box(page).press('Shift+Enter');
    await expect(box(page)).toHaveValue('  Who lives in the wood?\n');
    await box(page).press('Enter');
    await answered(page);
    await expect(page.getByText('The answer filled its 24 slots')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Length 48' })).toBeVisible();
    await expect(masks(page)).toHaveCount(0);
    const trace = await savedTrace(page);
    const given = trace.start.ids.length - 24;
    expect([...trace.start.ids.subarray(0, given)]).toEqual(tokenizer.encode(prompt));
    expect(new Set(trace.start.ids.subarray(given))).toEqual(new Set([trace.maskId]));
  });

  await test.step('an end pinned into the answer: the run stops there, and says what it saved', async () => {
    const end = tokenizer.encode(prompt).length + 8;
    await page.getByRole('combobox', { name: 'Order' }).selectOption('left-to-right');
    await timeLine(page).focus();
    await page.keyboard.press('Home');
    await page.locator(`#slot-${end}`).click();
    await page.keyboard.press('e');
    await page.getByRole('textbox', { name: 'What should stand here' }).fill('[PAD]');
    await page.getByRole('button', { name: 'Write it' }).click();
    await page.getByRole('button', { name: 'Go on', exact: true }).click();
    await answered(page);
    await expect(page.getByText('The answer ended at slot 10.')).toContainText(
      /14 slots behind it .* saved \d+ forward/,
    );
    await expect(page.locator('.canvas .unneeded')).toHaveCount(14);
    const trace = await savedTrace(page);
    // What is typed begins a word, so a space stands before the end.
    expect(trace.steps.at(-1)?.ended).toEqual({ from: end + 1, to: end + 2, saved: 14 });
    expect(trace.steps.flatMap(writtenSlotsIn).every((slot) => slot < end)).toBe(true);
  });

  await test.step('what the model reads can be looked at', async () => {
    await expect(slots(page).getByText('Question')).toHaveCount(0);
    await page.getByRole('button', { name: 'What the model reads' }).click();
    await expect(page.locator('.canvas')).toContainText('Who lives in the wood?');
    await page.getByRole('button', { name: 'What the model reads' }).click();
  });

  await test.step('the second question carries the first turn along', async () => {
    await box(page).fill('And who else?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await answered(page);
    await expect(thread(page).locator('.turn')).toHaveCount(1);
    first = (await thread(page).locator('.turn .answered p').innerText()).replace(/^Answer:\s*/, '').trim();
    expect(first).not.toMatch(/\[PAD\]|\[\/?Answer/);
    const trace = await savedTrace(page);
    expect(JSON.parse(trace.settings.turns)).toEqual([['Who lives in the wood?', first]]);
    const whole =
      `[Question]\nWho lives in the wood?\n[/Question]\n\n[Answer]\n${first}\n[/Answer]\n\n` +
      '[Question]\nAnd who else?\n[/Question]\n\n[Answer]\n';
    const given = trace.start.ids.length - 24;
    expect([...trace.start.ids.subarray(0, given)]).toEqual(tokenizer.encode(whole));
  });

  await test.step('axe finds nothing in either theme, and it fits a phone', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await axeFindings(page), colorScheme).toEqual([]);
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: width === 360 ? 740 : 860 });
        await expect.poll(() => sideways(page), `${width} pixels`).toBeLessThanOrEqual(0);
      }
    }
  });

  await test.step('a reload keeps the conversation, the answer and the message being written', async () => {
    await box(page).fill('A draft');
    const text = await page.locator('.canvas').innerText();
    await expect.poll(() => page.evaluate(() => localStorage.getItem('unmask.settings'))).toContain('else');
    await page.reload();
    await expect(chip(page)).toContainText(`${CHAT_MODEL}, `);
    await expect(thread(page).locator('.turn')).toContainText('Who lives in the wood?');
    await expect(thread(page).locator('.question')).toContainText('And who else?');
    await expect(box(page)).toHaveValue('A draft');
    await timeLine(page).focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('.canvas').innerText()).toBe(text);
  });

  await test.step('the conversation can be copied', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy conversation' }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied.startsWith(`Question: Who lives in the wood?\n\nAnswer: ${first}\n\nQuestion: And who else?`)).toBe(
      true,
    );
  });

  await test.step('the last question is edited', async () => {
    await page.getByRole('button', { name: 'Edit the question' }).click();
    await page.getByRole('textbox', { name: 'The question' }).fill('Why?');
    await page.keyboard.press('Enter');
    await answered(page);
    await expect(thread(page).locator('.question')).toContainText('Why?');
    await expect(thread(page).locator('.turn')).toHaveCount(1);
  });

  await test.step('undo brings the other question back with its answer', async () => {
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(thread(page).locator('.question')).toContainText('And who else?');
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect(thread(page).locator('.question')).toContainText('Why?');
  });

  await test.step('another answer: at temperature 0 there is none, and the page says how to get one', async () => {
    const before = await page.locator('.canvas').innerText();
    await page.getByRole('combobox', { name: 'Order' }).selectOption('confidence');
    await page.getByRole('button', { name: 'Another answer' }).click();
    await page.getByRole('button', { name: 'Draw at 0.7' }).click();
    await answered(page);
    await expect.poll(() => page.locator('.canvas').innerText()).not.toBe(before);
  });

  await test.step('a turn is deleted and brought back', async () => {
    await page.getByRole('button', { name: 'Delete turn 1' }).click();
    await expect(thread(page).locator('.turn')).toHaveCount(0);
    await page.getByRole('button', { name: 'Bring back' }).click();
    await expect(thread(page).locator('.turn')).toHaveCount(1);
  });

  await test.step('a new chat is empty, stays so, and can be undone', async () => {
    await page.getByRole('button', { name: 'New chat' }).click();
    await expect(page.getByText('Ask something.')).toBeVisible();
    await expect(slots(page)).toHaveCount(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(thread(page).locator('.question')).toContainText('Why?');
    await expect(thread(page).locator('.turn')).toHaveCount(1);
  });

  await test.step('the other modes are still there', async () => {
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await expect(page.getByRole('textbox', { name: 'Text to go on from' })).toBeVisible();
    await page.getByRole('button', { name: 'Generate' }).click();
    await expect(page.getByRole('button', { name: /^Generate/ })).toBeVisible();
    await expect(page).not.toHaveURL(/turns=/);
  });

  await test.step('one too long for the model is refused in words, and its oldest turns can be dropped', async () => {
    const turn = ['What happened then?', 'Then the fox went home. '.repeat(68)];
    const turns = encodeURIComponent(JSON.stringify([turn, turn, turn]));
    const model = encodeURIComponent(CHAT_MODEL);
    await page.goto('about:blank');
    await open(page, {
      backend: 'fallback',
      link: `model=${model}&mode=chat&prompt=And+then%3F&length=32&steps=8&turns=${turns}`,
    });
    await expect(page.getByText(/^The conversation has [\d,]+ tokens and 32 more are asked for/)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeDisabled();
    await page.getByRole('button', { name: 'Drop the oldest turns' }).click();
    await expect(page.getByText(/turns? deleted/)).toBeVisible();
    await expect(page.getByText(/near the 1,024 that/)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeEnabled();
  });
});

test('a link that asks for a chat with a model that cannot says so', async ({ page }) => {
  await open(page, { backend: 'fallback', link: 'model=stories&mode=chat&prompt=Hi&length=8' });
  await modelReady(page);
  await expect(page.getByText('has no chat template')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Chat', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'Continue a text instead' }).click();
  await expect(page.getByText('has no chat template')).toHaveCount(0);
});

test('what a template refuses is told at Send in its own words, what was written stays, and other words are answered', async ({
  page,
}) => {
  const refusing = `{%- macro again(n) -%}{{ again(n + 1) }}{%- endmacro -%}
{%- for message in messages -%}
{%- if 'forbidden' in message['content'] -%}{{ raise_exception('Ask about something else.') }}{%- endif -%}
{%- if 'endless' in message['content'] -%}{{ again(0) }}{%- endif -%}
{{- message['role'] + ': ' + message['content'] + '\\n' -}}
{%- endfor -%}`;
  await page.route('**/models/stories/tokenizer_config.json', (route) =>
    route.fulfill({ json: { pad_token: '[PAD]', mask_token: '[MASK]', chat_template: refusing } }),
  );
  await open(page, { backend: 'fallback', link: 'model=stories&mode=chat&length=8&steps=4' });
  await modelReady(page);
  const refusal = page.getByRole('alert');
  for (const [words, says] of [
    ['Something forbidden.', 'Ask about something else.'],
    ['Something endless.', /calls itself without end/],
  ] as const) {
    await box(page).fill(words);
    await box(page).press('Enter');
    await expect(refusal).toContainText(says);
    await expect(box(page)).toHaveValue(words);
    await expect(page.locator('.canvas')).toHaveText('');
  }
  await box(page).fill('Who lives in the wood?');
  await box(page).press('Enter');
  await answered(page);
  await expect(refusal).toHaveCount(0);
  await expect(page.locator('.canvas .slot:not(.given)')).toHaveCount(8);
});
