/** Which process writes. A new one is one file, and one line here. */
import { neverDrawn } from '../ends.ts';
import type { NetworkInfo } from '../network.ts';
import type { Process } from '../process.ts';
import type { ProcessName, Settings } from '../settings.ts';
import { appending, autoregressive } from './autoregressive.ts';
import { blocks } from './blocks.ts';
import { edits } from './edits.ts';
import { masked } from './masked.ts';

const PROCESS_TABLE: Readonly<Record<ProcessName, Process>> = { masked, blocks, edits };

/**
 * How a network writes with these settings. A causal one writes from left to right, whatever they say: it ends its text
 * itself, and never draws its mask token.
 */
export function processFor(info: NetworkInfo, settings: Settings): { process: Process; settings: Settings } {
  if (settings.mode === 'edit') return { process: edits, settings };
  if (!info.causal) return { process: PROCESS_TABLE[settings.process], settings };
  const suppress = [...(info.maskId === undefined ? [] : [info.maskId]), ...neverDrawn(info, settings)];
  return { process: autoregressive({ ends: info.endIds, suppress }), settings: appending(settings) };
}
