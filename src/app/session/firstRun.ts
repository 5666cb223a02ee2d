/** The run that stands on the page before anything is generated: the person's last one, or the recorded one. */
import { currentTrace } from '../../diffusion/branches.ts';
import { decodeTree } from '../../diffusion/trace-decode.ts';
import { recallRun } from './lastRun.ts';
import { showTree, useRun } from './run.ts';
import { useSettings } from './settings.ts';
import { reducedMotion } from './useMedia.ts';

/** Made by `npm run bench:first`: both ends of a text are given, and its middle is written from both. */
const RECORDED = 'recorded/first.json';

export async function showFirstRun(): Promise<void> {
  // A link comes with a promise of its own, so somebody's earlier text would only confuse.
  const last = useSettings.getState().linked ? undefined : await recallRun();
  if (untouched() && last) {
    showTree(last.now.tree, last.now.playhead, 'restored', false);
    useRun.setState({ past: last.past, future: last.future });
  }
  if (last || chats()) return;
  const answer = await fetch(new URL(RECORDED, document.baseURI));
  if (!answer.ok) return;
  const tree = decodeTree(await answer.text());
  if (!untouched() || chats()) return;
  const still = reducedMotion();
  showTree(tree, still ? currentTrace(tree).steps.length : 0, 'recorded', !still);
}

/** Where a question is awaited, a story would be no answer. */
const chats = () => useSettings.getState().settings.mode === 'chat';

/** False as soon as the person has started something. */
function untouched(): boolean {
  const { trace, status } = useRun.getState();
  return trace === undefined && status === 'idle';
}
