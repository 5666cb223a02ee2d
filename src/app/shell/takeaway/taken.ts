/** The run that is taken away: the branches, the one on screen, and the moment it stands at. */
import { branchOf, currentTrace, type TraceTree } from '../../../diffusion/branches.ts';
import type { Trace } from '../../../diffusion/trace.ts';
import { m } from '../../messages/index.ts';
import { foldedSlots } from '../../session/chat.ts';
import type { RunState } from '../../session/run.ts';
import { nameOf } from '../../trace/branchName.ts';
import { type Frame, frameAt, idsOf } from '../../trace/frame.ts';
import { plainText } from '../../trace/words.ts';

export interface Taken {
  readonly tree: TraceTree;
  readonly trace: Trace;
  readonly playhead: number;
  readonly frame: Frame;
  /** The first slot shown: the page folds away the prompt of a chat. */
  readonly first: number;
  /** The question, where the prompt is not shown. */
  readonly heading: string | undefined;
  /** The branch left another, with whose settings it began. */
  readonly branched: boolean;
  readonly title: string;
}

const LONGEST_TITLE = 80;

export function taken({ tree, playhead }: Pick<RunState, 'tree' | 'playhead'>): Taken | undefined {
  if (!tree) return undefined;
  const trace = currentTrace(tree);
  const frame = frameAt(trace, playhead);
  const first = foldedSlots(trace);
  return {
    tree,
    trace,
    playhead: frame.playhead,
    frame,
    first,
    heading:
      first > 0 && trace.settings.mode === 'chat' ? trace.settings.prompt.replace(/\s+/g, ' ').trim() : undefined,
    branched: branchOf(tree, tree.current)?.parent !== undefined,
    title: titleOf(trace),
  };
}

/** The beginning of the prompt, or what kind of run it was. */
function titleOf({ settings: { prompt, mode } }: Trace): string {
  const line = prompt
    .replace(/\[MASK\]/g, ' ▨')
    .replace(/\s+/g, ' ')
    .trim();
  if (line === '') return m.controls.modes[mode];
  const letters = Array.from(line);
  return letters.length > LONGEST_TITLE ? `${letters.slice(0, LONGEST_TITLE).join('').trimEnd()}…` : line;
}

/** Names of the branches, as the strip over the time line says them. */
export function branchName(tree: TraceTree, id: number): string {
  const branch = branchOf(tree, id);
  return branch ? nameOf(branch) : '';
}

export function textAt({ trace, frame }: Taken): string {
  return plainText(idsOf(frame), trace.maskId, trace.pieces);
}
