import { expect, test } from 'vitest';
import { Rest, yieldToEvents } from './yield.ts';

/** Whether it has ended after many more turns of the event loop than it takes to end. */
async function isDone(work: Promise<unknown>): Promise<boolean> {
  let done = false;
  void work.then(() => {
    done = true;
  });
  for (let turn = 0; turn < 50 && !done; turn++) await yieldToEvents();
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
  expect(await isDone(waiting)).toBe(false);
  controller.abort();
  expect(await isDone(waiting)).toBe(true);
});
