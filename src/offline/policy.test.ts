import { expect, test } from 'vitest';
import { mayAsk, policyFor, withHubs } from './policy.ts';

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

test('a hub in the local network is allowed under the address it was given by', () => {
  for (const [hub, source] of [
    ['http://192.168.1.20:8399', 'http://192.168.1.20:8399'],
    ['http://10.0.0.7', 'http://10.0.0.7'],
    ['http://teacher.local:8399/', 'http://teacher.local:8399'],
    // A policy cannot name an address of IPv6; the whole source would be passed over.
    ['http://[fd00::2]:8399', 'http://*:8399'],
    ['https://[fd00::2]', 'https://*'],
  ] as const) {
    const url = withHubs('assets/compute.js', 'http://192.168.1.10:4173/', [hub]);
    expect(directive(policyFor(url) ?? '', 'connect-src')?.split(' ')).toContain(source);
  }
});

test('a page that came over https cannot ask a hub over http, but for one on its own machine', () => {
  const [secure, plain] = ['https://school.example/unmask/', 'http://192.168.1.10:4173/'];
  for (const hub of ['http://192.168.1.20:8399', 'http://teacher.local', 'http://[fd00::2]:8399']) {
    expect([mayAsk(secure, hub), mayAsk(plain, hub)]).toEqual([false, true]);
  }
  for (const hub of ['https://192.168.1.20', 'http://127.0.0.1:8399', 'http://localhost:8399', 'http://[::1]:1'])
    expect([mayAsk(secure, hub), mayAsk(plain, hub)]).toEqual([true, true]);
  expect(mayAsk(secure, 'http://127.example')).toBe(false);
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
