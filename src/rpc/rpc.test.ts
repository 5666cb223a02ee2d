import { afterEach, expect, test, vi } from 'vitest';
import { UnmaskError } from '../diffusion/error.ts';
import { Client, type Watch } from './client.ts';
import type { Line } from './line.ts';
import type { Event } from './messages.ts';
import { Server } from './server.ts';

interface Jobs {
  count: {
    readonly request: { readonly to: number };
    readonly event: { readonly kind: 'counted'; readonly n: number };
  };
  fail: { readonly request: object; readonly event: never };
  /** Never lets a message in again, as an endless loop. */
  hang: { readonly request: object; readonly event: { readonly kind: 'counted'; readonly n: number } };
  /** Waits for ever, and lets messages in. */
  wait: { readonly request: object; readonly event: never };
}

/** A line whose messages are cloned and come later, to a worker that can hang; `lines` are those that were opened. */
function lineOf(lines: { closed: boolean; crash: (message: string) => void }[]): Line<Jobs> {
  const about = { closed: false, crash: (message: string) => line.onCrash?.(message) };
  lines.push(about);
  let hung = false;
  const later = () => new Promise((resolve) => setTimeout(resolve, 0));
  const server = new Server<Jobs>(
    {
      async run(request, { signal, emit }) {
        if (request.kind === 'fail') throw new UnmaskError({ code: 'data', message: 'No.', remedy: 'Yes.' });
        if (request.kind === 'hang') {
          emit({ kind: 'counted', n: 0 });
          hung = true;
        }
        if (request.kind !== 'count') return new Promise(() => undefined);
        for (let n = 1; n <= request.to; n++) {
          await later();
          signal.throwIfAborted();
          emit({ kind: 'counted', n });
        }
      },
    },
    (event) => {
      if (hung) return;
      const copy = structuredClone(event) as Event<Jobs>;
      setTimeout(() => !about.closed && line.onEvent?.(copy), 0);
    },
  );
  const line: Line<Jobs> = {
    post: (request) => setTimeout(() => !hung && server.receive(structuredClone(request)), 0),
    onEvent: undefined,
    onCrash: undefined,
    close: () => {
      about.closed = true;
    },
  };
  return line;
}

function open(watch?: Watch<Jobs>) {
  const lines: { closed: boolean; crash: (message: string) => void }[] = [];
  return { client: new Client<Jobs>(() => lineOf(lines), { ...(watch && { watch }) }), lines };
}

const WATCH: Watch<Jobs> = { interval: 1000, silence: (kind) => (kind === 'count' ? 60_000 : 20_000) };

afterEach(() => void vi.useRealTimers());

test('events come in order, then the end; a failure is thrown as it was', async () => {
  const { client } = open();
  const seen: number[] = [];
  for await (const { n } of client.run('count', { to: 3 })) seen.push(n);
  expect(seen).toEqual([1, 2, 3]);
  expect(await client.ask('count', { to: 2 })).toMatchObject({ n: 2 });
  await expect(client.ask('fail', {})).rejects.toMatchObject({ code: 'data', remedy: 'Yes.' });
});

test('an abort and leaving the loop stop a job', async () => {
  const { client } = open();
  const stop = new AbortController();
  const events = client.run('count', { to: 1000 }, stop.signal);
  await events.next();
  stop.abort();
  let last = await events.next();
  while (!last.done) last = await events.next();
  expect(last.value).toEqual({ stopped: true });
  for await (const { n } of client.run('count', { to: 1000 })) if (n === 2) break;
  expect(await client.ask('count', { to: 1 })).toMatchObject({ n: 1 });
});

test('a worker that crashed fails what is open, says so, and is started again by the next request', async () => {
  const { client, lines } = open();
  const ended: string[] = [];
  client.onEnded = ({ kind }) => ended.push(kind);
  const waiting = client.ask('wait', {});
  lines[0]?.crash('out of memory');
  await expect(waiting).rejects.toThrow('out of memory');
  expect(ended).toEqual(['crashed']);
  expect(await client.ask('count', { to: 1 })).toMatchObject({ n: 1 });
  expect(lines).toHaveLength(2);
});

test('a watched worker that hangs is ended after its limit; what hung is named, and the next request gets a new one', async () => {
  vi.useFakeTimers();
  const { client, lines } = open(WATCH);
  const ended: unknown[] = [];
  const silences: unknown[] = [];
  client.onEnded = (what) => ended.push(what);
  client.onSilence = (asked) => silences.push(asked);
  const failed = expect(client.ask('hang', {})).rejects.toMatchObject({
    code: 'internal',
    message: /no sign of life for 20 seconds/,
  });
  await vi.advanceTimersByTimeAsync(8_000);
  expect(silences).toEqual([[{ kind: 'hang' }]]);
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(16_000);
  await failed;
  expect(ended).toEqual([{ kind: 'hung', asked: [{ kind: 'hang' }] }]);
  expect(lines[0]?.closed).toBe(true);
  const again = client.ask('count', { to: 2 });
  await vi.advanceTimersByTimeAsync(10);
  expect(await again).toMatchObject({ n: 2 });
  expect(lines).toHaveLength(2);
});

test('one that waits and answers is left in peace, however long', async () => {
  vi.useFakeTimers();
  const { client, lines } = open(WATCH);
  void client.ask('wait', {}).catch(() => undefined);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(lines).toEqual([expect.objectContaining({ closed: false })]);
  client.dispose();
});

test('the longest limit of what is under way counts', async () => {
  vi.useFakeTimers();
  const { client, lines } = open(WATCH);
  const both = [client.ask('count', { to: 1e6 }), client.ask('hang', {})].map((each) => each.catch(() => 'failed'));
  await vi.advanceTimersByTimeAsync(40_000);
  expect(lines[0]?.closed).toBe(false);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await Promise.all(both)).toEqual(['failed', 'failed']);
});

test('time that the page itself slept is not held against the worker', async () => {
  vi.useFakeTimers();
  const { client, lines } = open(WATCH);
  void client.ask('wait', {}).catch(() => undefined);
  await vi.advanceTimersByTimeAsync(2_000);
  const now = performance.now() + 3_600_000;
  vi.setSystemTime(Date.now() + 3_600_000);
  vi.spyOn(performance, 'now').mockReturnValueOnce(now);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(lines[0]?.closed).toBe(false);
  client.dispose();
});

test('a kind of job with a limit ends when nothing is heard of it, and the worker goes on', async () => {
  vi.useFakeTimers();
  const { client, lines } = open({ ...WATCH, quiet: (kind) => (kind === 'wait' ? 30_000 : undefined) });
  const failed = expect(client.ask('wait', {})).rejects.toThrow('Nothing was heard of this for 30 seconds');
  await vi.advanceTimersByTimeAsync(32_000);
  await failed;
  expect(lines[0]?.closed).toBe(false);
});

test('after dispose every open and new request is aborted', async () => {
  const { client } = open();
  const waiting = client.ask('wait', {});
  client.dispose();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  await expect(client.ask('count', { to: 1 })).rejects.toMatchObject({ name: 'AbortError' });
});

test('another hub needs another worker: it comes when what soon ends has ended, and not at all while something else runs', async () => {
  const lines: { closed: boolean; crash: (message: string) => void }[] = [];
  const opened: string[][] = [];
  const client = new Client<Jobs>(
    (hubs) => {
      opened.push([...hubs]);
      return lineOf(lines);
    },
    {
      brief: ['count'],
      hubOf: (request) => (request.kind === 'count' && request.to === 1 ? 'http://hub.example/models' : undefined),
    },
  );
  const first = client.ask('count', { to: 5 });
  const second = client.ask('count', { to: 1 });
  expect(await first).toMatchObject({ kind: 'counted', n: 5 });
  expect(await second).toMatchObject({ kind: 'counted', n: 1 });
  expect(opened).toEqual([[], ['http://hub.example']]);
  expect(lines.map(({ closed }) => closed)).toEqual([true, false]);

  const other = new Client<Jobs>(() => lineOf(lines), {
    hubOf: (request) => (request.kind === 'count' ? 'http://hub.example' : undefined),
  });
  const stop = new AbortController();
  const waiting = other.run('wait', {}, stop.signal).next();
  await expect(other.ask('count', { to: 1 })).rejects.toMatchObject({ code: 'network' });
  other.dispose();
  await expect(waiting).rejects.toThrow('closed');
});
