import { expect, test } from 'vitest';
import { policyFor, withHubs } from './policy.ts';

const at = (path: string) => policyFor(new URL(path, 'https://school.example/unmask/')) ?? '';
const directive = (policy: string, name: string) =>
  policy
    .split('; ')
    .find((each) => each.startsWith(`${name} `))
    ?.slice(name.length + 1);

test('a worker may ask its own server and the hubs it was started with, and no other host', () => {
  expect(directive(at('assets/compute.js'), 'connect-src')).toBe("'self' blob: data:");
  const url = withHubs('assets/compute.js', 'https://school.example/unmask/', ['http://127.0.0.1:8000/hub']);
  expect(directive(policyFor(url) ?? '', 'connect-src')).toBe("'self' blob: data: http://127.0.0.1:8000");
  const mirror = withHubs('assets/compute.js', 'https://school.example/', ['https://mirror.example']);
  expect(directive(policyFor(mirror) ?? '', 'connect-src')).toBe(
    "'self' blob: data: https://mirror.example https://*.hf.co https://*.huggingface.co",
  );
});

test('an address cannot smuggle another directive into the policy', () => {
  const hostile = ['https://a.example; script-src *', 'https://*', "javascript:alert('x')", 'https://b.example/ *'];
  const url = withHubs('assets/compute.js', 'https://school.example/', hostile);
  const policy = policyFor(url) ?? '';
  expect(policy.match(/script-src/g)).toHaveLength(1);
  expect(directive(policy, 'connect-src')?.split(' ')).not.toContain('*');
});

test('neither page nor worker may compile text as code; the page asks its own server only', () => {
  for (const path of ['', 'index.html', 'assets/compute.js?hub=https://huggingface.co']) {
    expect(directive(at(path), 'script-src')).toBe("'self' 'wasm-unsafe-eval'");
  }
  expect(directive(at(''), 'connect-src')).toBe("'self' blob: data:");
});

test('nobody may frame the page but where it is embedded on purpose; files that run nothing have no policy', () => {
  expect(directive(at(''), 'frame-ancestors')).toBe("'none'");
  expect(directive(at('?embed'), 'frame-ancestors')).toBe('*');
  expect(policyFor(new URL('https://school.example/models/stories/config.json'))).toBeUndefined();
});
