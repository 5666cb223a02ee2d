/** What a branch is called: its own name, or the letter it was given. */
import type { Branch } from '../../diffusion/branches.ts';
import { m } from '../messages/index.ts';

export function nameOf({ id, name }: Pick<Branch, 'id' | 'name'>): string {
  return name || m.branches.letter(id);
}
