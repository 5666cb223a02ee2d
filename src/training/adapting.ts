/** What the settings of a run say of its adapter, for a network: where its low ranks stand, and how the base is held. */
import { adapterFiles } from '../checkpoint/adapter/write.ts';
import { CHAT_TEMPLATE_FILE } from '../checkpoint/chat-template.ts';
import type { Precision } from '../checkpoint/precision.ts';
import { UnmaskError } from '../diffusion/error.ts';
import type { Described } from '../model/families/index.ts';
import { type LoraSpec, type LowRankPlace, placesOf } from '../model/lora.ts';
import { modulesOf } from '../model/modules.ts';
import { said } from '../text/said.ts';
import { adapterOf } from './low-rank.ts';
import { modelFiles, type Surroundings } from './model-files.ts';
import type { TrainSettings } from './train-settings.ts';

export interface Adapting {
  readonly spec: LoraSpec;
  readonly places: readonly LowRankPlace[];
  readonly precision: Precision;
  /** Numbers that learn. */
  readonly size: number;
}

export type AdapterSettings = Pick<
  TrainSettings,
  'adapter' | 'rank' | 'alpha' | 'rsLora' | 'loraDropout' | 'targets' | 'bits' | 'init'
>;

const BITS: Readonly<Record<TrainSettings['bits'], Precision>> = {
  stored: 'stored',
  '16': 'f16',
  '8': 'int8',
  '4': 'int4',
  nf4: 'nf4',
};

/** Undefined where the whole network learns. Throws `UnmaskError` code `settings`. */
export function adaptingOf(settings: AdapterSettings, described: Described): Adapting | undefined {
  if (settings.adapter === 'none') {
    if (settings.bits === 'stored') return undefined;
    throw wrong('Few bits are for weights that do not learn.', 'Choose an adapter, or leave the bits as stored.');
  }
  if (settings.init === 'fresh') {
    throw wrong('An adapter learns beside a model that has learnt before.', 'Choose a model to begin with.');
  }
  const names = settings.targets.trim();
  const spec: LoraSpec = {
    rank: settings.rank,
    alpha: settings.alpha,
    rsLora: settings.rsLora === 'on',
    dropout: settings.loraDropout,
    targets: { names: names === 'all-linear' ? names : names.split(',').map((name) => name.trim()) },
    saved: [],
    bias: 'none',
  };
  const modules = modulesOf(described);
  const places = placesOf(spec, modules);
  if (places.length === 0 || places.some(({ module }) => module.kind !== 'matrix')) {
    const known = new Set(modules.filter(({ kind }) => kind === 'matrix').map(({ name }) => lastOf(name)));
    throw new UnmaskError({
      code: 'settings',
      message: said`Low ranks learn on linear layers, and "${names}" names others or none.`,
      remedy: said`Take all-linear, or some of ${[...known].join(', ')}.`,
    });
  }
  const size = places.reduce((sum, { module, rank }) => sum + rank * (module.rows + module.columns), 0);
  return { spec, places, precision: BITS[settings.bits], size };
}

/** What a run has learnt, as the files of a model, or of an adapter in PEFT's layout. */
export function learntFiles(
  settings: AdapterSettings & Pick<TrainSettings, 'rows'>,
  { arch, modelType }: Described,
  around: Surroundings,
  values: ReadonlyMap<string, Float32Array>,
  card: string,
): Map<string, Uint8Array<ArrayBuffer>> {
  const adapting = adaptingOf(settings, { arch, modelType });
  if (adapting === undefined) return modelFiles(around, arch, values, card);
  const { spec, places } = adapting;
  const files = adapterFiles(
    adapterOf({ id: '', base: settings.init, spec }, places, values),
    { arch, modelType },
    card,
  );
  // How the conversations that it has learnt were written down goes with it.
  const template = around.get(CHAT_TEMPLATE_FILE);
  return settings.rows === 'chats' && template ? files.set(CHAT_TEMPLATE_FILE, template) : files;
}

/** The last part of a name, as PEFT's lists have it. */
function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function wrong(message: string, remedy: string): UnmaskError {
  return new UnmaskError({ code: 'settings', message, remedy });
}
