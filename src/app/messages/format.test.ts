import { expect, test } from 'vitest';
import { counted, formatIn, integer, percent, rate, say, scientific, short } from './format.ts';

test.each([
  [0, '0%'],
  [0.0004, '<0.1%'],
  [0.004, '0.4%'],
  [0.296, '30%'],
  [0.9999, '>99%'],
  [1, '100%'],
])('a probability of %d reads %s: never nothing, never certain, unless it is', (value, text) => {
  expect(percent(value)).toBe(text);
});

test('rates and sizes have the figures that mean something', () => {
  expect([0.23, 2, 61.4, 1234].map(rate)).toEqual(['0.2', '2.0', '61', '1,234']);
  expect(short(3_041_920)).toBe('3M');
});

test('a count takes its form', () => {
  expect([0, 1, 2].map((count) => counted(count, { one: '{n} mask', other: '{n} masks' }))).toEqual([
    '0 masks',
    '1 mask',
    '2 masks',
  ]);
});

test('what fills a place in Chinese stands apart from it as Chinese is set', () => {
  formatIn('zh-Hans');
  expect(say('在 {device} 上', { device: '处理器（WASM）' })).toBe('在处理器（WASM）上');
  expect(say('用{name}写', { name: 'GELU' })).toBe('用 GELU 写');
  expect(say('{n}个参数', { n: '300万' })).toBe('300 万个参数');
  formatIn('ja');
  expect(say('{n}個のパラメーター、{name}で', { n: '300万', name: 'GELU' })).toBe('300万個のパラメーター、GELUで');
  formatIn('en');
  expect(say('in {device} here', { device: 'GPU' })).toBe('in GPU here');
});

test('French counts nothing as one, and has its comma and its spaces', () => {
  formatIn('fr');
  expect([0, 1, 2].map((count) => counted(count, { one: '{n} masque', other: '{n} masques' }))).toEqual([
    '0 masque',
    '1 masque',
    '2 masques',
  ]);
  expect([rate(2), rate(1234), percent(0.296)]).toEqual(['2,0', '1\u202f234', '30\u00a0%']);
  formatIn('en');
});

test('numbers have the signs of the language, also those that come unformatted', () => {
  formatIn('de');
  expect([rate(2), rate(1234), percent(0.004), short(3_041_920)]).toEqual([
    '2,0',
    '1.234',
    '0,4\u00a0%',
    '3\u00a0Mio.',
  ]);
  expect(say('{n} und {exact}', { n: 0.25, exact: '1.0' })).toBe('0,25 und 1.0');
  expect(scientific(1e-7)).toBe('1,0e-7');
  formatIn('en');
  expect(say('{n}', { n: 0.25 })).toBe('0.25');
  expect(scientific(1e-7)).toBe('1.0e-7');
});

test('Spanish groups from five digits on, and says de after whole millions', () => {
  formatIn('es');
  expect([rate(2), integer(1234), integer(12_345), percent(0.296), short(3_041_920)]).toEqual([
    '2,0',
    '1234',
    '12.345',
    '30\u00a0%',
    '3\u00a0M',
  ]);
  const forms = { one: '{n} token', many: '{n} de tokens', other: '{n} tokens' };
  expect([1, 2, 1_000_000, 1_000_001].map((count) => counted(count, forms))).toEqual([
    '1 token',
    '2 tokens',
    '1.000.000 de tokens',
    '1.000.001 tokens',
  ]);
  formatIn('en');
});
