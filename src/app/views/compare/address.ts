/**
 * What the Compare view compares, as its address says it: the settings that every text shares in the words of the settings
 * table, and a few of its own. As with other links nothing is refused: what cannot be read is reported, and its default
 * stands.
 */

import { UnmaskError } from '../../../diffusion/error.ts';
import { DEFAULT_SERIES, formatSeries, parseSeries } from '../../../diffusion/frontier.ts';
import { formatLink, parseLink } from '../../../diffusion/link.ts';
import type { Pair } from '../../../diffusion/link-text.ts';
import { MISTAKEN, OPENINGS } from '../../../diffusion/openings.ts';
import { SAMPLER_TABLE } from '../../../diffusion/samplers/index.ts';
import {
  defaultSettings,
  type EDIT_WAYS,
  formatSetting,
  MOST_TEXT,
  type ProcessName,
  parseSetting,
  SAMPLERS,
  type SamplerName,
  SETTINGS,
  type SettingName,
  type Settings,
} from '../../../diffusion/settings.ts';
import { said, type Text } from '../../../text/said.ts';

export const TABS = ['race', 'samplers', 'frontier'] as const;
export type Tab = (typeof TABS)[number];

/** Tokens per pass that the diffusion side of the race can be asked for. */
export const WIDTHS = ['1', '2', '4', '8'] as const;
/** And the one that makes ten passes of 256 tokens, as in Barry's comparison. */
export const TEN_PASSES = '26';
export type Width = (typeof WIDTHS)[number] | typeof TEN_PASSES;

/** Who appends in the race: the twin, another causal model that is here, or GPT-2 from a hub. */
export const OPPONENTS = ['twin', 'own', 'gpt2'] as const;
export type Opponent = (typeof OPPONENTS)[number];

/** Characters of an ending, and of words in the middle. */
export const MOST_ENDING = 400;

/** What the columns of the Samplers tab do: they go on from the prompt, or repair a text. */
export const TASKS = ['continue', 'edit'] as const;
export type Task = (typeof TASKS)[number];

/** What sets one column of the Samplers tab apart. */
export interface Column {
  readonly sampler: SamplerName;
  readonly steps: number;
  readonly temperature: number;
  readonly block: number;
  /** Name of the adapter beside the model; none where it is empty. */
  readonly adapter?: string;
  /** Masked unless told. */
  readonly process?: ProcessName;
}

/** What sets one column apart that repairs. */
export interface RepairColumn {
  readonly editWay: (typeof EDIT_WAYS)[number];
  readonly editAbove: number;
  readonly steps: number;
  readonly temperature: number;
}

export const MOST_COLUMNS = 4;

export interface Comparison {
  readonly tab: Tab;
  /** What the text of the race has to end with; only the diffusion side can be told. */
  readonly ending: string;
  /** Words that have to stand half way; only the diffusion side can be told of them, too. */
  readonly middle: string;
  /** Shared by all texts; `steps` follows from the width or the column. */
  readonly settings: Settings;
  readonly width: Width;
  readonly opponent: Opponent;
  /** Name of the causal model that appends (opponent own); empty until one is chosen. */
  readonly rival: string;
  readonly columns: readonly Column[];
  readonly task: Task;
  /** The text that is repaired, and how each column does it (task edit). */
  readonly mistaken: string;
  readonly repairs: readonly RepairColumn[];
  /** Series of the frontier. */
  readonly series: readonly string[];
  /** How many of the openings the frontier takes. */
  readonly prompts: number;
}

/** Samplers whose number of steps can be chosen, so that they write so many tokens a pass. */
export const STEPPED: readonly SamplerName[] = SAMPLERS.filter((name) => {
  const { followsPlan, uses } = SAMPLER_TABLE[name];
  return followsPlan || uses.includes('steps');
});

export const DEFAULT_COMPARISON: Comparison = {
  tab: 'race',
  settings: defaultSettings(),
  ending: '',
  middle: '',
  width: '2',
  opponent: 'twin',
  rival: '',
  columns: [
    { sampler: 'confidence', steps: 32, temperature: 1, block: 0 },
    { sampler: 'random', steps: 32, temperature: 1, block: 0 },
    { sampler: 'left-to-right', steps: 32, temperature: 1, block: 0 },
  ],
  task: 'continue',
  mistaken: MISTAKEN,
  repairs: [
    { editWay: 'surest', editAbove: 0.5, steps: 32, temperature: 0 },
    { editWay: 'surest', editAbove: 0.2, steps: 32, temperature: 0 },
    { editWay: 'leap', editAbove: 0.5, steps: 32, temperature: 0 },
  ],
  series: DEFAULT_SERIES,
  prompts: 4,
};

const COLUMN_PARTS = ['sampler', 'steps', 'temperature', 'block'] as const;
const REPAIR_PARTS = ['editWay', 'editAbove', 'steps', 'temperature'] as const;

/** The query of the address, without `?`: everything that differs from its default. */
export function formatComparison(comparison: Comparison): string {
  const { tab, settings, ending, middle, width, opponent, rival, columns, series, prompts } = comparison;
  const { task, mistaken, repairs } = comparison;
  const own: Pair[] = [];
  const set = (key: string, value: string, otherwise: string) => {
    if (value !== otherwise) own.push([key, value]);
  };
  const standard = DEFAULT_COMPARISON;
  set('tab', tab, standard.tab);
  set('ending', ending, standard.ending);
  set('middle', middle, standard.middle);
  set('per', width, standard.width);
  set('against', opponent, standard.opponent);
  if (opponent === 'own') set('rival', rival, standard.rival);
  set('columns', columns.map(formatColumn).join(';'), standard.columns.map(formatColumn).join(';'));
  set('mistaken', mistaken, standard.mistaken);
  set('repairs', repairs.map(formatRepair).join(';'), standard.repairs.map(formatRepair).join(';'));
  set('series', series.join(','), standard.series.join(','));
  set('prompts', String(prompts), String(standard.prompts));
  return formatLink({ ...settings, mode: task, steps: defaultSettings().steps }, {}, own);
}

/** The comparison of an address, and what of it could not be read, one sentence each. */
export function parseComparison(text: string): { comparison: Comparison; problems: readonly Text[] } {
  const own: { -readonly [K in keyof Comparison]?: Comparison[K] } = {};
  const link = parseLink(`?${text}`, {
    tab: (value) => {
      own.tab = among('tab', TABS, value);
    },
    ending: (value) => {
      own.ending = value.slice(0, MOST_ENDING);
    },
    middle: (value) => {
      own.middle = value.slice(0, MOST_ENDING);
    },
    per: (value) => {
      own.width = among('per', [...WIDTHS, TEN_PASSES], value);
    },
    against: (value) => {
      own.opponent = among('against', OPPONENTS, value);
    },
    rival: (value) => {
      own.rival = value.slice(0, 200);
    },
    columns: (value) => {
      own.columns = parseColumns(value);
    },
    mistaken: (value) => {
      own.mistaken = value.slice(0, MOST_TEXT);
    },
    repairs: (value) => {
      own.repairs = parseRepairs(value);
    },
    series: (value) => {
      own.series = [...new Set(value.split(',').map((one) => formatSeries(parseSeries(one))))];
    },
    prompts: (value) => {
      own.prompts = parsePrompts(value);
    },
  });
  const task = link.settings.mode === 'edit' ? 'edit' : 'continue';
  const settings = { ...link.settings, mode: 'continue' as const };
  const stepped = STEPPED.includes(settings.sampler) ? settings : { ...settings, sampler: defaultSettings().sampler };
  return {
    comparison: { ...DEFAULT_COMPARISON, ...own, task, settings: stepped },
    problems: link.problems.map((problem) => problem.toJSON().message),
  };
}

function formatColumn(column: Column): string {
  const parts = COLUMN_PARTS.map((part) => formatSetting(part, column[part]));
  const adapter = encodeURIComponent(column.adapter ?? '');
  const more = column.process && column.process !== 'masked' ? [adapter, column.process] : adapter ? [adapter] : [];
  return [...parts, ...more].join(',');
}

function parseColumns(text: string): Column[] {
  const columns = text.split(';').map((one) => {
    const parts = one.split(',');
    const [adapter = '', process, ...more] = parts.slice(COLUMN_PARTS.length);
    if (parts.length < COLUMN_PARTS.length || more.length > 0)
      throw wrong('columns', said`${COLUMN_PARTS.join(',')}, separated by ;`, text);
    return {
      ...parsed(COLUMN_PARTS, parts),
      ...(adapter !== '' && { adapter: decoded(adapter).slice(0, 200) }),
      ...(process !== undefined && { process: parseSetting('process', process) }),
    };
  });
  if (columns.length > MOST_COLUMNS) throw wrong('columns', said`at most ${MOST_COLUMNS} columns`, text);
  return columns;
}

function formatRepair(column: RepairColumn): string {
  return REPAIR_PARTS.map((part) => formatSetting(part, column[part])).join(',');
}

function parseRepairs(text: string): RepairColumn[] {
  const columns = text.split(';').map((one) => {
    const parts = one.split(',');
    if (parts.length !== REPAIR_PARTS.length)
      throw wrong('repairs', said`${REPAIR_PARTS.map((part) => SETTINGS[part].key).join(',')}, separated by ;`, text);
    return parsed(REPAIR_PARTS, parts);
  });
  if (columns.length > MOST_COLUMNS) throw wrong('repairs', said`at most ${MOST_COLUMNS} columns`, text);
  return columns;
}

function parsed<N extends SettingName>(names: readonly N[], parts: readonly string[]): Pick<Settings, N> {
  return Object.fromEntries(names.map((name, at) => [name, parseSetting(name, parts[at] as string)])) as Pick<
    Settings,
    N
  >;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function parsePrompts(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= OPENINGS.length) return count;
  throw wrong('prompts', said`a whole number from ${1} to ${OPENINGS.length}`, text);
}

function among<T extends string>(key: string, options: readonly T[], text: string): T {
  const found = options.find((option) => option === text);
  if (found === undefined) throw wrong(key, said`one of ${options.join(', ')}`, text);
  return found;
}

function wrong(key: string, want: Text, text: string): UnmaskError {
  const message = said`${key} must be ${want}, but it is "${text.slice(0, 40)}".`;
  return new UnmaskError({ code: 'settings', message, remedy: said`Give ${key} as ${want}.` });
}
