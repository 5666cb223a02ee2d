/**
 * The recipe of a run in a link, `#/train?v=3&check=…&steps=600&objective=bert`: everything in the table of training settings that
 * differs from its default, but for a person's own texts and files, which no link carries: `data=own` stands for them.
 * Opening it fills the fields; nothing is fetched or trained until somebody says so.
 */

import { PAGE_KEYS } from '../../../diffusion/link.ts';
import { linkProblem, type Pair, readQuery, writeQuery } from '../../../diffusion/link-text.ts';
import { parseModel } from '../../../diffusion/model-id.ts';
import { bad } from '../../../diffusion/rows.ts';
import { said, type Text } from '../../../text/said.ts';
import {
  defaultTrainSettings,
  TRAIN_SETTING_NAMES,
  TRAIN_SETTINGS,
  type TrainSettings,
} from '../../../worker/protocol.train.ts';

/** Where the texts come from, of what a link can name. */
const SHARED_DATA = ['stories', 'sample', 'talk', 'wikitext-2', 'wikitext-103'];
/** In place of a text or file of somebody's own: whoever opens the link gives one of theirs. */
const OWN_DATA = 'own';

export interface TrainLink {
  /** `data` is empty for a text or file of its maker's. */
  readonly settings: TrainSettings;
  /** What could not be used, one sentence each. */
  readonly problems: readonly Text[];
}

export function formatTrain(settings: TrainSettings): string {
  const pairs: Pair[] = [];
  for (const name of TRAIN_SETTING_NAMES) {
    const { key, default: standard, format } = TRAIN_SETTINGS[name] as Row;
    if (name === 'valid' || settings[name] === standard) continue;
    const own = name === 'data' && !SHARED_DATA.includes(settings.data);
    pairs.push([key, own ? OWN_DATA : format(settings[name])]);
  }
  return writeQuery(pairs);
}

export function parseTrain(query: string): TrainLink {
  const found: Record<string, unknown> = {};
  const { problems } = readQuery(query, PAGE_KEYS, (key, text) => {
    const name = TRAIN_SETTING_NAMES.find((one) => TRAIN_SETTINGS[one].key === key);
    if (name === undefined || name === 'valid') return false;
    if (name === 'data' && text === OWN_DATA) {
      found[name] = '';
      return true;
    }
    const value = (TRAIN_SETTINGS[name] as Row).parse(text);
    if (name === 'data' && !SHARED_DATA.includes(text)) throw bad(key, text, said`one of ${SHARED_DATA.join(', ')}`);
    if (name === 'init' && text !== 'fresh' && !parseModel(text)) {
      throw linkProblem(`"${text.slice(0, 80)}" is not the name of a model.`);
    }
    found[name] = value;
    return true;
  });
  return {
    settings: { ...defaultTrainSettings(), ...found },
    problems: problems.map((problem) => problem.toJSON().message),
  };
}

/** A row whose kind does not matter here. */
interface Row {
  readonly key: string;
  readonly default: unknown;
  parse(text: string): unknown;
  format(value: unknown): string;
}
