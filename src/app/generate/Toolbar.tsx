/** The line above the sheet: where this run comes from, undo, the two views, and what can be taken away. */
import { useRef } from 'react';
import { m } from '../messages/index.ts';
import { plainText } from '../run/words.ts';
import { CopyButton } from '../shell/CopyButton.tsx';
import { IconButton } from '../shell/IconButton.tsx';
import { Segments } from '../shell/Segments.tsx';
import { prefer, usePreferences, VIEWS } from '../stores/preferences.ts';
import { redo, undo, useRun } from '../stores/run.ts';
import { openRun, saveRun } from './files.ts';
import { currentFrame } from './frames.ts';
import { SourceLine } from './SourceLine.tsx';
import { travel } from './session.ts';

export function Toolbar() {
  const view = usePreferences((state) => state.view);
  const hasTrace = useRun((state) => state.trace !== undefined);
  const canUndo = useRun((state) => state.past.length > 0);
  const canRedo = useRun((state) => state.future.length > 0);
  const idle = useRun((state) => state.status === 'idle');
  const file = useRef<HTMLInputElement>(null);
  return (
    <div className="toolbar">
      <SourceLine />
      <div className="tools">
        <IconButton icon="undo" label={m.canvas.undo} disabled={!canUndo || !idle} onClick={() => travel(undo)} />
        <IconButton icon="redo" label={m.canvas.redo} disabled={!canRedo || !idle} onClick={() => travel(redo)} />
        <CopyButton icon="copy" label={m.canvas.copy} text={textOnScreen} />
        <IconButton icon="save" label={m.canvas.save} disabled={!hasTrace} onClick={saveRun} />
        <IconButton icon="open" label={m.canvas.open} disabled={!idle} onClick={() => file.current?.click()} />
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          hidden
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = '';
            if (chosen) void openRun(chosen);
          }}
        />
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
