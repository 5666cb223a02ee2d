/** The line above the sheet: where this run comes from, undo, the two views, and what can be taken away. */
import { Ruled } from '../links/Ruled.tsx';
import { m } from '../messages/index.ts';
import { plainText } from '../run/words.ts';
import { CopyButton } from '../shell/CopyButton.tsx';
import { IconButton } from '../shell/IconButton.tsx';
import { Segments } from '../shell/Segments.tsx';
import { prefer, usePreferences, VIEWS } from '../stores/preferences.ts';
import { redo, undo, useRun } from '../stores/run.ts';
import { TakeAwayButton } from '../takeaway/TakeAwayButton.tsx';
import { currentFrame } from './frames.ts';
import { SourceLine } from './SourceLine.tsx';
import { travel } from './session.ts';

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
  return trace && frame ? plainText(frame.ids, trace.maskId, trace.pieces) : '';
}
