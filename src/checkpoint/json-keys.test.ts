import { expect, test } from 'vitest';
import { repeatedKey } from './json-keys.ts';

test.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1, "\\u0061" : 2}', 'a'],
  ['{"x":{"dtype":1,"dtype":2}}', 'dtype'],
  ['{"a\\"":1,"b":["a\\"","a\\""],"a\\"":2}', 'a"'],
  ['{"a":[{"a":1},{"a":1}],"b":{"a":1}}', undefined],
  ['{"a":"b","b":"a"}', undefined],
  ['["a","a"]', undefined],
  ['"a"', undefined],
  ['{}', undefined],
])('%s', (json, expected) => {
  expect(() => JSON.parse(json)).not.toThrow();
  expect(repeatedKey(json)).toBe(expected);
});
