import { expect, test } from 'vitest';
import { formatHood, KERNEL_NAMES, parseHood } from './address.ts';

test('a link to a kernel leads to it, an old one too; another is answered with a sentence', () => {
  for (const kernel of KERNEL_NAMES) expect(parseHood(formatHood(kernel))).toEqual({ kernel, problems: [] });
  expect(parseHood('kernel=matmul&lang=zh-Hans')).toEqual({ kernel: 'matmul', problems: [] });
  const { kernel, problems } = parseHood('v=9&kernel=best&colour=red');
  expect(kernel).toBe('attention');
  expect(problems).toHaveLength(3);
  expect(problems.join(' ')).toMatch(/newer version.*kernel must be one of .*best.*"colour"/);
});
