/** The line above the sheet: where this run comes from, undo, the two views, and what can be taken away. */
import { useRef } from 'react';
import { m } from '../messages/index.ts';
import { plainText } from '../run/words.ts';
import { CopyButton } from '../shell/CopyButton.tsx';
import { Icon } from '../shell/Icon.tsx';
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
        <Tool name="undo" disabled={!canUndo || !idle} onClick={() => travel(undo)} />
        <Tool name="redo" disabled={!canRedo || !idle} onClick={() => travel(redo)} />
        <CopyButton icon="copy" label={m.canvas.copy} text={textOnScreen} />
        <Tool name="save" disabled={!hasTrace} onClick={saveRun} />
        <Tool name="open" disabled={!idle} onClick={() => file.current?.click()} />
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

interface ToolProps {
  readonly name: 'undo' | 'redo' | 'save' | 'open';
  readonly disabled: boolean;
  readonly onClick: () => void;
}

function Tool({ name, disabled, onClick }: ToolProps) {
  const label = m.canvas[name];
  return (
    <button
      type="button"
      className="quiet square"
      disabled={disabled}
      onClick={onClick}
      aria-label={label}
      title={label}
    >
      <Icon name={name} />
    </button>
  );
}

function textOnScreen(): string {
  const { trace } = useRun.getState();
  const frame = currentFrame();
  return trace && frame ? plainText(frame.ids, trace.maskId, trace.pieces) : '';
}
