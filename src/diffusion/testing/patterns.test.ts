import { expect, test } from 'vitest';

const error = Object.assign(new Error('The device was lost.'), { code: 'device' });

test('an expected regular expression is matched against the text', () => {
  expect(error).toMatchObject({ code: 'device', message: /was lost/ });
  expect({ message: 'lost' }).toEqual({ message: /^lost$/ });
  expect(/a/).toEqual(/a/);
});

test('and a text that does not match it fails', () => {
  expect(() => expect(error).toMatchObject({ message: /was found/ })).toThrow();
  expect(() => expect({ message: 'lost' }).toEqual({ message: /found/ })).toThrow();
  expect(() => expect({ message: 1 }).toMatchObject({ message: /1/ })).toThrow();
  expect(() => expect(/a/).toEqual(/b/)).toThrow();
});
