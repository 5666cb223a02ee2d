/**
 * RoBERTa as RobertaForMaskedLM, and XLM-RoBERTa and CamemBERT, which are the same under other names
 * (configuration_roberta.py, modeling_roberta.py). Positions begin one row after that of the padding id.
 */
import type { Family } from '../family.ts';
import { bodyPrefix, encoderNames, readEncoder, writeEncoder } from './encoder.ts';
import { tensorSources } from './names.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = {
  roberta: 'RobertaForMaskedLM',
  'xlm-roberta': 'XLMRobertaForMaskedLM',
  camembert: 'CamembertForMaskedLM',
};
/** XLMRobertaConfig and CamembertConfig kept BERT's number of tokens. */
const VOCAB: Readonly<Record<string, number>> = { roberta: 50_265, 'xlm-roberta': 30_522, camembert: 30_522 };

export const roberta: Family = {
  modelTypes: Object.keys(ARCHITECTURES),

  read(json) {
    const vocab = VOCAB[json['model_type'] as string] as number;
    return readEncoder(json, { vocab, tokenTypes: 2, ids: { pad: 1, bos: 0, eos: 2 } }, (pad) => pad + 1);
  },

  write: (arch, modelType) => writeEncoder(arch, modelType, ARCHITECTURES[modelType] as string),

  /** The decoder's bias stands twice in some files, and in some under the second name only. */
  tensors(arch, has) {
    const body = bodyPrefix('roberta.', has);
    const biasHome = has('lm_head.bias') || !has('lm_head.decoder.bias') ? 'lm_head' : 'lm_head.decoder';
    return tensorSources(arch, has, (place) => {
      if (place.part === 'head.dense') return 'lm_head.dense';
      if (place.part === 'head.norm') return 'lm_head.layer_norm';
      if (place.part === 'decoder') return place.bias ? biasHome : 'lm_head.decoder';
      return encoderNames(body, place);
    });
  },
};
