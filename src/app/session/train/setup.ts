/** What a new run would be: settings, where its texts and its weights come from. The address keeps the settings, this browser a pasted text. */
import { create } from 'zustand';
import { EDITOR, FOLDERS, LARGE, SMALL, TWIN } from '../../../diffusion/shipped.ts';
import {
  defaultTrainSettings,
  isExperiment,
  type PresetName,
  presetSettings,
  type StoredRun,
  TRAIN_SETTINGS,
  type TrainData,
  type TrainSettings,
} from '../../../worker/protocol.train.ts';
import type { ModelSource } from '../../../worker/protocol.ts';
import { isShipped, shippedFolder, sourceOf } from '../compute.ts';
import { use } from '../library.ts';
import { usePreferences } from '../preferences.ts';
import { recall, remember } from '../remember.ts';
import { useSettings } from '../settings.ts';
import { stepsThatFit } from './estimate.ts';

/** `sample` stands in old links and in recorded experiments; what is offered in its place is `stories`. */
export const SOURCES = ['stories', 'talk', 'text', 'file', 'wikitext', 'sample', 'run'] as const;
export type Source = (typeof SOURCES)[number];
/**
 * `model`: a model of the reader's own that is in use, else the small one that ships. `large`: the larger one that
 * ships. `twin`: that of the small one, which sees to the left only and is turned into one that diffuses (A2D).
 */
export const INITS = ['model', 'large', 'twin', 'fresh'] as const;
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
  /** The run whose texts may be taken again. */
  readonly run: { readonly id: string; readonly name: string } | undefined;
  readonly init: Init;
  readonly slow: boolean;
  /** Nobody has chosen how many steps there are, nor a recipe: they follow how fast this device is. */
  readonly stepsFollow: boolean;
}

const PASTED = 'pasted';
/** Characters: a longer text would take the room of everything else that is kept here, and stands in a file anyway. */
export const MOST_KEPT = 500_000;

export const useSetup = create<Setup>(() => ({
  settings: defaultTrainSettings(),
  preset: '',
  source: 'stories',
  text: recall(PASTED, { text: '' }).text,
  file: undefined,
  wikitext: 'wikitext-2',
  run: undefined,
  init: 'model',
  slow: true,
  stepsFollow: true,
}));

export function change(settings: Partial<TrainSettings>): void {
  useSetup.setState((state) => ({
    settings: { ...state.settings, ...settings },
    preset: '',
    stepsFollow: state.stepsFollow && settings.steps === undefined,
  }));
}

/** Sets the steps that nobody has chosen to as many as this device makes in a short while. */
export function followSpeed(passMilliseconds: number): void {
  const { settings, stepsFollow } = useSetup.getState();
  if (!stepsFollow) return;
  const steps = stepsThatFit({ ...settings, steps: TRAIN_SETTINGS.steps.default }, passMilliseconds);
  if (steps !== settings.steps) useSetup.setState({ settings: { ...settings, steps } });
}

/** A text to learn from; it is here again after a reload. */
export function takeText(text: string): void {
  useSetup.setState({ text });
  remember(PASTED, { text: text.length > MOST_KEPT ? '' : text });
}

/** A file to learn from; which column of it is asked anew. */
export function takeFile(file: File): void {
  change({ column: '' });
  useSetup.setState({ file, source: 'file' });
}

/** Everything as in a run that was made, its texts included, but for some settings. */
export function setUpLike({ id, name, settings }: StoredRun, but: Partial<TrainSettings> = {}): void {
  const { data, init } = settings;
  const source = servedOf(data) ?? 'run';
  useSetup.setState({
    settings: { ...settings, ...but },
    preset: '',
    stepsFollow: false,
    run: { id, name },
    source,
    ...(isWikitext(data) ? { wikitext: data } : {}),
    init: initOf(settings),
  });
  if (init !== 'fresh') takeStart(init);
}

/** Fills every field. */
export function takePreset(preset: PresetName): void {
  takeRecipe(presetSettings(preset), preset);
}

export function takeRecipe(settings: TrainSettings, preset: Setup['preset'] = ''): void {
  const { data, init } = settings;
  const { file } = useSetup.getState();
  const own = file ? 'file' : 'text';
  useSetup.setState({
    settings,
    preset,
    stepsFollow: false,
    source: servedOf(data) ?? own,
    ...(isWikitext(data) ? { wikitext: data } : {}),
    init: initOf(settings),
  });
  // The other recipes take whatever model is in use.
  const shipped = preset === 'stories-to-wikitext' || (preset !== '' && isExperiment(preset));
  if (shipped && init !== 'fresh') takeStart(init);
}

const isWikitext = (data: string): data is Wikitext => (WIKITEXTS as readonly string[]).includes(data);

/** Where texts of this name come from; undefined for those that somebody has to give. */
function servedOf(data: string): Extract<Source, 'stories' | 'sample' | 'talk' | 'wikitext'> | undefined {
  if (data === 'stories' || data === 'sample' || data === 'talk') return data;
  return isWikitext(data) ? 'wikitext' : undefined;
}

/** The texts and the start of a recipe that needs nothing from anybody, as a run takes them. */
export function servedWith(settings: TrainSettings): { data: TrainData; from: ModelSource | 'fresh' } {
  const { data: name, init } = settings;
  const setup = { ...useSetup.getState(), source: servedOf(name) ?? 'sample', init: initOf(settings) };
  const data = dataOf({ ...setup, ...(isWikitext(name) ? { wikitext: name } : {}) }) as TrainData;
  return { data, from: init === 'fresh' ? 'fresh' : shippedFolder(init) };
}

export function dataOf({ source, text, file, wikitext, run }: Setup): TrainData | undefined {
  switch (source) {
    case 'stories':
      return { kind: 'url', url: new URL('data/little-stories.txt', document.baseURI).href };
    case 'sample':
      return { kind: 'url', url: new URL('data/sample.txt', document.baseURI).href };
    case 'talk':
      return { kind: 'url', url: new URL('data/talk.jsonl', document.baseURI).href };
    case 'text':
      return text.trim() === '' ? undefined : { kind: 'text', text };
    case 'file':
      return file && { kind: 'file', file };
    case 'wikitext':
      return { kind: 'wikitext', name: wikitext, endpoint: usePreferences.getState().hub };
    case 'run':
      return run && { kind: 'run', run: run.id };
  }
}

/** The settings as the run keeps them, with the names of its data and its start. */
export function settingsOf({ settings, source, file, wikitext, init }: Setup, model: string): TrainSettings {
  // The texts of another run have their name in the settings that came with them.
  const names = {
    stories: 'stories',
    sample: 'sample',
    talk: 'talk',
    text: 'pasted text',
    file: file?.name ?? '',
    wikitext,
    run: settings.data,
  };
  const from = init === 'fresh' ? 'fresh' : startOf(model, settings.objective, init);
  return { ...settings, data: names[source], init: from };
}

/** The model a run goes on from when `model` is in use: next-token prediction takes the twin of the small one. */
export function startOf(model: string, objective: TrainSettings['objective'], init: Init = 'model'): string {
  if (!isShipped(model)) return model;
  if (model === EDITOR && objective === 'edits' && init === 'model') return EDITOR;
  if (init === 'large') return LARGE;
  return objective === 'next-token' || init === 'twin' ? TWIN : SMALL;
}

/**
 * The model to take into use for a run that goes on from `start`; none where it does not matter: whichever model that comes
 * with the page is in use, a run can begin with any of them.
 */
export function modelFor(start: string, inUse: string | undefined): string | undefined {
  if (!FOLDERS.includes(start)) return start === inUse ? undefined : start;
  return inUse === undefined || isShipped(inUse) ? undefined : SMALL;
}

function takeStart(start: string): void {
  const model = modelFor(start, useSettings.getState().settings.model);
  if (model !== undefined) use(model);
}

function initOf({ init, objective }: Pick<TrainSettings, 'init' | 'objective'>): Init {
  if (init === 'fresh') return 'fresh';
  if (init === LARGE) return 'large';
  return objective !== 'next-token' && init === TWIN ? 'twin' : 'model';
}

export async function fromOf({ init, settings }: Pick<Setup, 'init' | 'settings'>, wanted: string) {
  if (init === 'fresh') return 'fresh' as const;
  const model = startOf(wanted, settings.objective, init);
  return isShipped(wanted) ? shippedFolder(model) : sourceOf(model);
}
