/** BERT as BertForMaskedLM (configuration_bert.py, modeling_bert.py). */
import type { Family } from '../family.ts';
import { bodyPrefix, encoderNames, readEncoder, writeEncoder } from './encoder.ts';
import { tensorSources } from './names.ts';

export const bert: Family = {
  modelTypes: ['bert'],

  read: (json) => readEncoder(json, { vocab: 30_522, tokenTypes: 2, ids: { pad: 0 } }, () => 0),

  write: (arch, modelType) => writeEncoder(arch, modelType, 'BertForMaskedLM'),

  /** The decoder's bias stands twice in some files, and in some under the second name only. */
  tensors(arch, has) {
    const body = bodyPrefix('bert.', has);
    const head = 'cls.predictions';
    const biasHome = has(`${head}.bias`) || !has(`${head}.decoder.bias`) ? head : `${head}.decoder`;
    return tensorSources(arch, has, (place) => {
      if (place.part === 'head.dense') return `${head}.transform.dense`;
      if (place.part === 'head.norm') return `${head}.transform.LayerNorm`;
      if (place.part === 'decoder') return place.bias ? biasHome : `${head}.decoder`;
      return encoderNames(body, place);
    });
  },
};
