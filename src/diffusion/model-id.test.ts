import { expect, test } from 'vitest';
import { hubName, parseModel } from './model-id.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';

test.each<[string, string, readonly string[]]>([
  ['owner/name', 'owner/name', []],
  ['  gpt2 ', 'gpt2', []],
  ['https://huggingface.co/owner/name', 'owner/name', []],
  ['https://huggingface.co/owner/name/', 'owner/name', []],
  ['huggingface.co/owner/name', 'owner/name', []],
  ['www.huggingface.co/owner/name', 'owner/name', []],
  ['hf.co/owner/name', 'owner/name', []],
  ['https://hf.co/owner/name#usage', 'owner/name', []],
  ['https://huggingface.co/owner/name?library=transformers', 'owner/name', []],
  ['https://huggingface.co/owner/name/tree/main?x=1#y', 'owner/name', ['main']],
  ['http://localhost:8500/owner/name/tree/v1', 'owner/name', ['v1']],
  ['owner/name@main', 'owner/name', ['main']],
  ['owner/name@v2/beta', 'owner/name', ['v2/beta']],
  ['owner/name@refs%2Fpr%2F1', 'owner/name', ['refs/pr/1']],
  ['https://huggingface.co/owner/name/tree/refs%2Fpr%2F1', 'owner/name', ['refs/pr/1']],
  ['https://huggingface.co/owner/name/tree/refs/pr/1', 'owner/name', ['refs/pr/1']],
  ['https://huggingface.co/owner/name/blob/refs/pr/12/config.json', 'owner/name', ['refs/pr/12']],
  ['https://huggingface.co/owner/name/tree/v2%2Fbeta', 'owner/name', ['v2/beta']],
  ['https://huggingface.co/owner/name/tree/v2/beta', 'owner/name', ['v2/beta', 'v2']],
  ['https://huggingface.co/owner/name/commits/main', 'owner/name', ['main']],
  [`https://huggingface.co/owner/name/blob/${COMMIT}/config.json`, 'owner/name', [COMMIT]],
  [`https://huggingface.co/owner/name/commit/${COMMIT}`, 'owner/name', [COMMIT]],
  ['https://huggingface.co/owner/name/blob/main/config.json', 'owner/name', ['main']],
  ['https://huggingface.co/owner/name/resolve/v2/beta/config.json', 'owner/name', ['v2', 'v2/beta']],
  ['https://huggingface.co/owner/name/tree', 'owner/name', []],
  ['<https://huggingface.co/owner/name>', 'owner/name', []],
  ['See <https://huggingface.co/owner/name>.'.slice(4), 'owner/name', []],
  ['https://huggingface.co/owner/name?revision=v2%2Fbeta', 'owner/name', ['v2/beta']],
  ['owner/name?ref=dev', 'owner/name', ['dev']],
  ['"owner/name",', 'owner/name', []],
  ['https://huggingface.co/owner/name.', 'owner/name', []],
  ['\u200bowner/name', 'owner/name', []],
  ['https://huggingface.co/owner/name.git', 'owner/name', []],
  ['git clone https://huggingface.co/owner/name', 'owner/name', []],
  ['git@hf.co:owner/name.git', 'owner/name', []],
  ['ssh://git@hf.co/owner/name', 'owner/name', []],
  ['hf://owner/name', 'owner/name', []],
  ['hf://owner/name@dev', 'owner/name', ['dev']],
  ['hf://owner/name@v2/beta/config.json', 'owner/name', ['v2/beta']],
  ['hf://owner/name/config.json', 'owner/name', []],
])('%s', (text, id, revisions) => {
  expect(hubName(text)).toEqual({ id, revisions });
});

test.each([
  '',
  'a/b/c',
  '../secrets',
  'owner/..',
  'https://huggingface.co/datasets/owner/name',
  'https://huggingface.co/spaces/owner/name',
  'owner/name@',
  'owner/name@two words',
  'owner/name/discussions/3',
  'owner/name#dev',
  'https://huggingface.co/',
  'https://huggingface.co/models?search=bert',
  'hf://datasets/owner/name',
])('%s is no model', (text) => {
  expect(hubName(text)).toBeUndefined();
});

test('a link names a commit by its digits, and nothing else', () => {
  expect(parseModel(`owner/name@${COMMIT}`)).toEqual({ model: 'owner/name', revision: COMMIT });
  expect(parseModel('owner/name@main')).toBeUndefined();
  expect(parseModel('stories')).toEqual({ model: 'stories', revision: undefined });
});
