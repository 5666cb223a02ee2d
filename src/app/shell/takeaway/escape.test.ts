import { expect, test } from 'vitest';
import { escapeText, jsonForScript } from './escape.ts';

test('text stays text in HTML and in XML, in quotes or not', () => {
  expect(escapeText(`</script><b a="1" b='2'>&amp;`)).toBe(
    '&lt;/script&gt;&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;amp;',
  );
});

test('what XML cannot hold is replaced, and whole characters are not', () => {
  expect(escapeText('a\u0000b\u001bc\ud800d😀\n')).toBe('a\ufffdb\ufffdc\ufffdd😀\n');
});

test('JSON cannot end the script element it stands in, and reads back the same', () => {
  const value = { text: '</script><!--<script>\u2028' };
  const json = jsonForScript(value);
  expect(json).not.toMatch(/[<\u2028]/);
  expect(JSON.parse(json)).toEqual(value);
});
