/** The sheet of paper; with a branch laid beside it, two, with what differs marked on both and said in words. */
import { useEffect, useRef } from 'react';
import { type Branch, branchOf } from '../../../diffusion/branches.ts';
import { newTokens } from '../../../diffusion/settings.ts';
import { fetched, fetchedWithWords } from '../../fields/fetched.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { nextFrame } from '../../session/animationFrames.ts';
import { foldedSlots, useChatting } from '../../session/chat.ts';
import { currentComparison, diffMarks, useComparison } from '../../session/comparison.ts';
import { useMaskText } from '../../session/compute.ts';
import { goToBranch } from '../../session/current.ts';
import { usePreferences } from '../../session/preferences.ts';
import { layBeside, useRun } from '../../session/run.ts';
import { useSettings } from '../../session/settings.ts';
import { nameOf } from '../../trace/branchName.ts';
import { Painter } from '../../trace/painter.ts';
import { roomFor } from '../../trace/words.ts';
import { TokenCanvas } from './TokenCanvas.tsx';

const CanvasTable = fetchedWithWords(async () => (await import('./CanvasTable.tsx')).CanvasTable);
// Only those who chat fetch it.
const Thread = fetched(async () => (await import('./chat/Thread.tsx')).default);

export function Sheets() {
  const chatting = useChatting();
  const view = usePreferences((state) => state.view);
  const hasTrace = useRun((state) => state.trace !== undefined);
  const tree = useRun((state) => state.tree);
  const comparison = useComparison();
  const left = tree && branchOf(tree, tree.current);
  const right = tree && comparison && branchOf(tree, comparison.id);
  return (
    <>
      <div className={right ? 'sheets two' : 'sheets'}>
        <div className="sheet" id="text">
          {left && right && <p className="sheet-name">{nameOf(left)}</p>}
          {chatting && !right && <Thread />}
          <div className="sheet-text">
            {view === 'table' ? <CanvasTable /> : <TokenCanvas />}
            {view === 'prose' && !chatting && !right && <ComingRoom />}
          </div>
          {!hasTrace && !chatting && <p className="sheet-empty">{m.canvas.empty}</p>}
          <p className="hidden" id="canvas-help">
            {m.canvas.help}
          </p>
        </div>
        {right && <OtherSheet branch={right} />}
      </div>
      {left && right && <Difference left={left} right={right} />}
    </>
  );
}

/** Keeps the room of the text that is set up, so that the sheet need not grow when its writing begins. */
function ComingRoom() {
  const settings = useSettings((state) => state.settings);
  const text = roomFor(settings.prompt, useMaskText(), newTokens(settings));
  return <div className="canvas-room" data-room={text} aria-hidden="true" />;
}

function OtherSheet({ branch }: { branch: Branch }) {
  const root = useRef<HTMLDivElement>(null);
  const view = usePreferences((state) => state.view);
  const { id } = branch;

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    const painter = new Painter(element);
    let due: (() => void) | undefined;
    const paint = () => {
      due = undefined;
      const comparison = currentComparison();
      if (comparison?.id !== id) return;
      painter.paint(comparison.frame, comparison.trace.pieces, undefined, foldedSlots(comparison.trace));
      painter.mark('differs', diffMarks('right'));
    };
    const schedule = () => {
      due ??= nextFrame(paint);
    };
    paint();
    const unsubscribe = useRun.subscribe(schedule);
    return () => {
      unsubscribe();
      due?.();
    };
  }, [id]);

  return (
    <section className="sheet other" aria-label={m.sideBySide.canvas(nameOf(branch))}>
      <p className="sheet-name">
        {nameOf(branch)}
        <button type="button" className="quiet" onClick={() => goToBranch(id)}>
          {m.sideBySide.look}
        </button>
      </p>
      <div ref={root} className={`canvas ${view === 'grid' ? view : 'prose'}`} />
    </section>
  );
}

function Difference({ left, right }: { left: Branch; right: Branch }) {
  const comparison = useComparison();
  if (!comparison) return null;
  const { diff, shared } = comparison;
  const said =
    diff.by === 'slot'
      ? m.sideBySide.bySlot(diff.differs.left, diff.same + diff.differs.left)
      : m.sideBySide.bySequence(diff.same, nameOf(left), diff.differs.left, nameOf(right), diff.differs.right);
  return (
    <div className="difference">
      <p>
        <span className="key">{m.sideBySide.mark}</span>
        {said} {m.sideBySide.shared(shared)}
      </p>
      <button type="button" className="quiet" onClick={() => goToBranch(right.id)}>
        <Icon name="swap" />
        {m.sideBySide.swap}
      </button>
      <button type="button" className="quiet" onClick={() => layBeside(undefined)}>
        <Icon name="close" />
        {m.sideBySide.close}
      </button>
    </div>
  );
}
