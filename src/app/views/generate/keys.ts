/** The keys of the Generate view that work wherever the focus is. */
import { isChatting } from '../../session/chat.ts';
import { controller, generate, goToBranch, mayChange, travel } from '../../session/current.ts';
import { ruleOf } from '../../session/lesson.ts';
import { togglePlay } from '../../session/player.ts';
import { prefer, usePreferences, VIEWS } from '../../session/preferences.ts';
import { layBeside, redo, seek, select, undo, useRun } from '../../session/run.ts';
import { dropSpan, type Tool, takeTool, useTools } from '../../session/tools.ts';
import type { Shortcut } from '../../shell/keys.ts';

/** In a chat, what is written is sent; with nothing written the question is answered anew. */
function generateOrSend(): void {
  if (isChatting()) void import('../../session/chatActions.ts').then(({ sendOrRepeat }) => sendOrRepeat());
  else generate();
}

const idle = () => useRun.getState().status === 'idle';

/** Escape ends what goes on; when nothing does, it puts the brush down, and then lets go of what is selected. */
function stopOrLeave(): void {
  const { tool, span } = useTools.getState();
  if (!idle() || useRun.getState().playing) controller.stop();
  else if (tool !== 'point') takeTool('point');
  else if (span) dropSpan();
  else select(undefined);
}

function stepBranch(by: -1 | 1): void {
  const { tree } = useRun.getState();
  const at = tree?.branches.findIndex(({ id }) => id === tree.current) ?? 0;
  const to = tree?.branches[at + by];
  if (to) goToBranch(to.id);
}

/** Lays the branch this one came from beside it, or any other; once more takes it away. */
function compareWithLast(): void {
  const { tree, beside } = useRun.getState();
  const own = tree?.branches.find(({ id }) => id === tree.current);
  const other = own?.parent ?? tree?.branches.findLast((branch) => branch !== own)?.id;
  layBeside(beside === undefined ? other : undefined);
}

function toggleTool(tool: Tool): void {
  if (!mayChange()) return;
  takeTool(useTools.getState().tool === tool ? 'point' : tool);
}

export const viewKeys: readonly Shortcut[] = [
  { key: 'Enter', mod: true, run: generateOrSend },
  { key: 'Escape', run: stopOrLeave },
  { key: 'z', mod: true, run: () => idle() && ruleOf('files') === 'free' && travel(undo) },
  { key: 'z', mod: true, shift: true, run: () => idle() && ruleOf('files') === 'free' && travel(redo) },
  { key: ' ', single: true, run: togglePlay },
  { key: ',', single: true, run: () => seek(useRun.getState().playhead - 1) },
  { key: '.', single: true, run: () => seek(useRun.getState().playhead + 1) },
  { key: 'g', single: true, run: () => idle() && mayChange() && void controller.goOn() },
  { key: 'b', single: true, run: () => idle() && mayChange() && void controller.branchHere() },
  { key: '[', single: true, run: () => stepBranch(-1) },
  { key: ']', single: true, run: () => stepBranch(1) },
  { key: 'c', single: true, run: compareWithLast },
  { key: 'm', single: true, run: () => toggleTool('mask') },
  { key: 'p', single: true, run: () => toggleTool('keep') },
  { key: 'w', single: true, run: () => toggleTool('word') },
  {
    key: 'v',
    single: true,
    run: () => prefer({ view: VIEWS[(VIEWS.indexOf(usePreferences.getState().view) + 1) % VIEWS.length] ?? 'prose' }),
  },
];
