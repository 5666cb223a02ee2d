import { expect, test } from 'vitest';
import { float, integer, message, text } from './protobuf.ts';

// The examples of protobuf.dev/programming-guides/encoding.
test('fields are encoded as in the examples of the specification', () => {
  expect([...integer(1, 150)]).toEqual([0x08, 0x96, 0x01]);
  expect([...text(2, 'testing')]).toEqual([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
  expect([...message(3, [integer(1, 150)])]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
});

test('negative numbers take ten bytes, floats four, and high field numbers two', () => {
  expect([...integer(1, -1)]).toEqual([0x08, ...new Array(9).fill(0xff), 0x01]);
  expect([...float(2, 1)]).toEqual([0x15, 0, 0, 0x80, 0x3f]);
  expect([...integer(20, 2)]).toEqual([0xa0, 0x01, 0x02]);
});
