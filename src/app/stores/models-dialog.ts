/** Whether the Models dialog is open, and which hub model it was opened for. Its code is fetched when it first opens. */
import { create } from 'zustand';

export const useModelsDialog = create<{ readonly open: boolean; readonly about: string | undefined }>(() => ({
  open: false,
  about: undefined,
}));

export function openModels(about?: string): void {
  useModelsDialog.setState({ open: true, about });
}

export function closeModels(): void {
  useModelsDialog.setState({ open: false, about: undefined });
}
