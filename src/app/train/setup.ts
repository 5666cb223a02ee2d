/** What a new run would be: settings, where its texts and its weights come from. Remembered until the page is closed. */
import { create } from 'zustand';
import {
  defaultTrainSettings,
  type PresetName,
  presetSettings,
  type TrainData,
  type TrainSettings,
} from '../../worker/protocol.train.ts';
import { isShipped, useCompute } from '../stores/compute.ts';
import { usePreferences } from '../stores/preferences.ts';

export const SOURCES = ['sample', 'text', 'file', 'wikitext'] as const;
export type Source = (typeof SOURCES)[number];
export const INITS = ['model', 'fresh'] as const;
export type Init = (typeof INITS)[number];
export const WIKITEXTS = ['wikitext-2', 'wikitext-103'] as const;
export type Wikitext = (typeof WIKITEXTS)[number];

export interface Setup {
  readonly settings: TrainSettings;
  readonly preset: PresetName | '';
  readonly source: Source;
  readonly text: string;
  readonly file: File | undefined;
  readonly wikitext: Wikitext;
  readonly init: Init;
  readonly slow: boolean;
}

export const useSetup = create<Setup>(() => ({
  settings: defaultTrainSettings(),
  preset: '',
  source: 'sample',
  text: '',
  file: undefined,
  wikitext: 'wikitext-2',
  init: 'model',
  slow: true,
}));

export function change(settings: Partial<TrainSettings>): void {
  useSetup.setState((state) => ({ settings: { ...state.settings, ...settings }, preset: '' }));
}

/** Fills every field. */
export function takePreset(preset: PresetName): void {
  const settings = presetSettings(preset);
  const { data, init } = settings;
  const { file } = useSetup.getState();
  const own = file ? 'file' : 'text';
  useSetup.setState({
    settings,
    preset,
    source: data === 'sample' ? 'sample' : data === '' ? own : 'wikitext',
    ...(data === 'wikitext-2' || data === 'wikitext-103' ? { wikitext: data } : {}),
    init: init === 'fresh' ? 'fresh' : 'model',
  });
}

export function dataOf({ source, text, file, wikitext }: Setup): TrainData | undefined {
  switch (source) {
    case 'sample':
      return { kind: 'url', url: new URL('data/sample.txt', document.baseURI).href };
    case 'text':
      return text.trim() === '' ? undefined : { kind: 'text', text };
    case 'file':
      return file && { kind: 'file', file };
    case 'wikitext':
      return { kind: 'wikitext', name: wikitext, endpoint: usePreferences.getState().hub };
  }
}

/** The settings as the run keeps them, with the names of its data and its start. */
export function settingsOf({ settings, source, file, wikitext, init }: Setup, model: string): TrainSettings {
  const names = { sample: 'sample', text: 'pasted text', file: file?.name ?? '', wikitext };
  return { ...settings, data: names[source], init: init === 'fresh' ? 'fresh' : model };
}

export function fromOf(init: Init, model: string) {
  if (init === 'fresh') return 'fresh' as const;
  const { chosen } = useCompute.getState();
  if (chosen?.name === model) return { files: chosen.files };
  return isShipped(model) ? new URL(`models/${model}/`, document.baseURI).href : { stored: model };
}
