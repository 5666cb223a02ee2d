/** Whether the Models dialog is open, and which hub model it was opened for. Its code is fetched when it first opens. */
import { create } from 'zustand';

interface ModelsDialogState {
  readonly open: boolean;
  readonly about: string | undefined;
  /** The commit that a link names for it. */
  readonly revision: string | undefined;
}

export const useModelsDialog = create<ModelsDialogState>(() => ({
  open: false,
  about: undefined,
  revision: undefined,
}));

export function openModels(about?: string, revision?: string): void {
  useModelsDialog.setState({ open: true, about, revision });
}

export function closeModels(): void {
  useModelsDialog.setState({ open: false, about: undefined, revision: undefined });
}
