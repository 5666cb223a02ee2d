import { expect, test } from 'vitest';
import { Rest } from './yield.ts';

const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
async function isDone(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  void work.then(() => {
    done = true;
  });
  await soon();
  return done;
}

test('steps wait while a rest lasts, and go on after it', async () => {
  const rest = new Rest();
  const { signal } = new AbortController();
  expect(await isDone(rest.yieldToEvents(signal))).toBe(true);
  rest.set(true);
  rest.set(true);
  const waiting = rest.yieldToEvents(signal);
  expect(await isDone(waiting)).toBe(false);
  rest.set(false);
  expect(await isDone(waiting)).toBe(true);
});

test('what is stopped does not wait for the end of a rest', async () => {
  const rest = new Rest();
  const controller = new AbortController();
  rest.set(true);
  const waiting = rest.yieldToEvents(controller.signal);
  controller.abort();
  expect(await isDone(waiting)).toBe(true);
});
