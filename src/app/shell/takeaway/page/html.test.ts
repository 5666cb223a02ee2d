import { DOMParser } from 'linkedom';
import { expect, test } from 'vitest';
import { treeOf, withBranch } from '../../../../diffusion/branches.ts';
import { writtenIdsIn } from '../../../../diffusion/ops.ts';
import type { Trace } from '../../../../diffusion/trace.ts';
import { decodeTree } from '../../../../diffusion/trace-decode.ts';
import { editedTrace, hostileTrace, shippedTrace } from '../../../testing/traces.ts';
import { runIn } from '../download.ts';
import { htmlOf } from './html.ts';

const page = (trace: Trace) =>
  htmlOf(treeOf(trace), { title: trace.settings.prompt, language: 'en', nameOf: () => trace.settings.prompt });

test('the page asks for nothing from elsewhere: no address in it, and a policy that refuses all', async () => {
  const html = await page(shippedTrace());
  const read = html.replace(/(id="run">)[^<]+/, '$1');
  expect(
    read.match(/https?:|wss?:|url\((?!#clip)|(?:src|href|action)=|@import|\bimport\s*\(|fetch\(|XMLHttp|\/\/[a-z]/i),
  ).toBeNull();
  const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1] ?? '';
  expect(policy).toMatch(/^default-src 'none'; script-src 'nonce-[\w+/]{24}'; style-src 'nonce-/);
  expect(policy).not.toContain('unsafe');
});

test('how edits look is told where a run has edited', async () => {
  expect(await page(editedTrace())).toContain('<span class="slot removed">goes</span>');
  expect(await page(shippedTrace())).not.toContain('class="slot removed"');
});

test('it is small: the replayer and its style take less than a picture', async () => {
  const html = await page(shippedTrace());
  expect(html.length).toBeLessThan(80_000);
  const script = /<script nonce[^>]*>([\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
  expect(script.length).toBeLessThan(16_000);
});

test('hostile words stay words: nothing of them is an element, an attribute or a script', async () => {
  const trace = hostileTrace();
  const html = await page(trace);
  const document = new DOMParser().parseFromString(html, 'text/html');
  const scripts = [...document.querySelectorAll('script')].map(
    (one) => one.getAttribute('nonce') ?? one.getAttribute('type'),
  );
  expect(scripts.slice(0, 2)).toEqual(['application/json', 'text/plain']);
  expect(scripts.length).toBe(3);
  expect(document.querySelectorAll('img, iframe, link, object, [onload], [onerror]').length).toBe(0);
  expect(document.querySelector('h1')?.textContent).toContain('</script><script>alert(1)</script>');
});

test('the run it carries reads back as it was, all branches of it', async () => {
  const trace = shippedTrace();
  const tree = withBranch(treeOf(trace), { ...trace, steps: trace.steps.slice(0, 9) }, 0);
  const html = await htmlOf(tree, { title: '', language: 'en', nameOf: String });
  const read = decodeTree(await runIn(html));
  expect(read.branches.map((branch) => branch.trace.steps.length)).toEqual([trace.steps.length, 9]);
  expect(read.branches[0]?.trace.steps.map(writtenIdsIn)).toEqual(trace.steps.map(writtenIdsIn));
  expect(html).toContain('<select id="branch"');
});
