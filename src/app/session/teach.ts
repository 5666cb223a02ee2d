/** The door's offer to learn the reader's own words: whether it is open, and the link it came with. Its code comes when it opens. */
import { create } from 'zustand';

interface Teach {
  readonly open: boolean;
  /** Of the link that carries a text to be learnt (`taughtIn`); empty without one. */
  readonly query: string;
}

export const useTeach = create<Teach>(() => ({ open: false, query: '' }));

export function openTeach(query = ''): void {
  useTeach.setState({ open: true, query });
}

export function closeTeach(): void {
  useTeach.setState({ open: false, query: '' });
}

/** Opens it for a link that carries a text to be learnt. */
export function followTeach(query: string): void {
  if (/(?:^|[?&])teach=/.test(query)) openTeach(query);
}
