/** Whether the teacher's dialog is open, and the link it started from. Its code is fetched when it first opens. */
import { create } from 'zustand';

export interface Page {
  /** The view, and the query of its link. */
  readonly view: string;
  readonly query: string;
}

export const useTeacher = create<{ readonly page: Page | undefined }>(() => ({ page: undefined }));

export function openTeacher(page: Page): void {
  useTeacher.setState({ page });
}

export function closeTeacher(): void {
  useTeacher.setState({ page: undefined });
}
