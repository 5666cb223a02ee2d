/**
 * Dream (arXiv 2508.15487): a Qwen2.5 whose positions all see each other, and which kept that row p speaks of position
 * p + 1 (configuration_dream.py, generation_utils.py of Dream-org/Dream-v0-Instruct-7B).
 */
import { SEES_ALL } from '../arch.ts';
import type { Family } from '../family.ts';
import { tokenId } from '../json.ts';
import { decoderNames, readDecoder, writeDecoder } from './decoder.ts';
import { tensorSources } from './names.ts';
import { QWEN2 } from './qwen2.ts';

export const dream: Family = {
  modelTypes: ['Dream'],
  read(json) {
    const arch = readDecoder(json, QWEN2, { sees: SEES_ALL, logitShift: 1 });
    const { vocab, ids } = arch;
    return {
      ...arch,
      ids: {
        ...ids,
        mask: tokenId(json, 'mask_token_id', 151_666, vocab),
        pad: tokenId(json, 'pad_token_id', 151_643, vocab),
      },
    };
  },
  write: (arch, modelType) => writeDecoder(arch, modelType, 'DreamModel'),
  tensors: (arch, has) => tensorSources(arch, has, decoderNames(has)),
};
