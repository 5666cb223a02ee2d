/** The line above the sheet: where this run comes from, undo, the two views, and what can be taken away. */

import { CopyButton } from '../../fields/CopyButton.tsx';
import { IconButton } from '../../fields/IconButton.tsx';
import { Ruled } from '../../fields/Ruled.tsx';
import { Segments } from '../../fields/Segments.tsx';
import { m } from '../../messages/index.ts';
import { travel } from '../../session/current.ts';
import { currentFrame } from '../../session/frames.ts';
import { prefer, usePreferences, VIEWS } from '../../session/preferences.ts';
import { redo, undo, useRun } from '../../session/run.ts';
import { TakeAwayButton } from '../../shell/takeaway/TakeAwayButton.tsx';
import { idsOf } from '../../trace/frame.ts';
import { plainText } from '../../trace/words.ts';
import { SourceLine } from './SourceLine.tsx';

export function Toolbar() {
  const view = usePreferences((state) => state.view);
  const canUndo = useRun((state) => state.past.length > 0);
  const canRedo = useRun((state) => state.future.length > 0);
  const idle = useRun((state) => state.status === 'idle');
  return (
    <div className="toolbar">
      <SourceLine />
      <div className="tools">
        <Ruled group="files">
          <IconButton icon="undo" label={m.canvas.undo} disabled={!canUndo || !idle} onClick={() => travel(undo)} />
          <IconButton icon="redo" label={m.canvas.redo} disabled={!canRedo || !idle} onClick={() => travel(redo)} />
          <CopyButton icon="copy" label={m.canvas.copy} text={textOnScreen} />
          <TakeAwayButton />
        </Ruled>
        <Segments
          label={m.canvas.view}
          options={VIEWS}
          words={m.canvas.views}
          value={view}
          small
          onChoose={(one) => prefer({ view: one })}
        />
      </div>
    </div>
  );
}

function textOnScreen(): string {
  const { trace } = useRun.getState();
  const frame = currentFrame();
  return trace && frame ? plainText(idsOf(frame), trace.maskId, trace.pieces) : '';
}
