/** What the address of Under the hood says: which kernel is shown. `#/hood?v=3&check=…&kernel=attention` */

import { PAGE_KEYS } from '../../../diffusion/link.ts';
import { readQuery, writeQuery } from '../../../diffusion/link-text.ts';
import { bad } from '../../../diffusion/rows.ts';
import { said, type Text } from '../../../text/said.ts';
import { parseRoute } from '../../session/route.ts';
import { KERNELS, type KernelName } from './kernels.ts';

export const KERNEL_NAMES = KERNELS.map(({ name }) => name);

const FIRST: KernelName = 'attention';

export function parseHood(query: string): { readonly kernel: KernelName; readonly problems: readonly Text[] } {
  let kernel = FIRST;
  const { problems } = readQuery(query, PAGE_KEYS, (key, text) => {
    if (key !== 'kernel') return false;
    const found = KERNEL_NAMES.find((name) => name === text);
    if (found === undefined) throw bad(key, text, said`one of ${KERNEL_NAMES.join(', ')}`);
    kernel = found;
    return true;
  });
  return { kernel, problems: problems.map((problem) => problem.toJSON().message) };
}

export const formatHood = (kernel: KernelName): string => writeQuery([['kernel', kernel]]);

/** The query of a link to what is shown now: the address holds it. */
export const hoodQuery = (): string => formatHood(parseHood(parseRoute(location.hash).query).kernel);
