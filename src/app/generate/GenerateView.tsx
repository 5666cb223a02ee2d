/** The Generate view: the settings, the sheet of paper, and what is known about one token. */
import { useEffect, useState } from 'react';
import { m } from '../messages/index.ts';
import { Icon } from '../shell/Icon.tsx';
import { Modal } from '../shell/Modal.tsx';
import { NARROW, useMedia } from '../shell/useMedia.ts';
import { select, useRun } from '../stores/run.ts';
import { Announcer } from './Announcer.tsx';
import { Controls } from './Controls.tsx';
import { DeviceNotice } from './DeviceNotice.tsx';
import { GenerateButton } from './GenerateButton.tsx';
import { Inspector } from './Inspector.tsx';
import { Legend } from './Legend.tsx';
import { Notices } from './Notices.tsx';
import { PromptField } from './PromptField.tsx';
import { start } from './start.ts';
import { TimeLine } from './TimeLine.tsx';
import { TokenCanvas } from './TokenCanvas.tsx';
import { Toolbar } from './Toolbar.tsx';
import { CounterLine, Transport } from './Transport.tsx';

export function GenerateView() {
  const narrow = useMedia(NARROW);
  useEffect(() => start(), []);
  return narrow ? <Narrow /> : <Wide />;
}

function Wide() {
  return (
    <main className="generate wide">
      <aside className="side left" aria-label={m.controls.title}>
        <PromptField />
        <GenerateButton />
        <Controls />
      </aside>
      <Stage />
      <aside className="side right" aria-label={m.inspector.title}>
        <Inspector />
      </aside>
    </main>
  );
}

function Narrow() {
  const [settingsOpen, setSettingsOpen] = useState(false);
  const selected = useRun((state) => state.selected !== undefined);
  return (
    <main className="generate narrow">
      <Stage>
        <div className="narrow-prompt">
          <PromptField />
          <div className="narrow-go">
            <GenerateButton />
            <button type="button" className="outline" onClick={() => setSettingsOpen(true)}>
              <Icon name="sliders" />
              {m.controls.open}
            </button>
          </div>
        </div>
      </Stage>
      <Modal
        open={settingsOpen}
        title={m.controls.title}
        className="sheet-dialog"
        onClose={() => setSettingsOpen(false)}
      >
        <Controls />
      </Modal>
      {selected && (
        <aside className="drawer" aria-label={m.inspector.title}>
          <button
            type="button"
            className="quiet square"
            onClick={() => select(undefined)}
            aria-label={m.inspector.close}
          >
            <Icon name="close" />
          </button>
          <Inspector />
        </aside>
      )}
    </main>
  );
}

function Stage({ children }: { children?: React.ReactNode }) {
  const hasTrace = useRun((state) => state.trace !== undefined);
  return (
    <section className="stage" aria-label={m.views.generate}>
      <h1 className="hidden">{m.name}</h1>
      <Notices />
      <Toolbar />
      <div className="sheet" id="text">
        <TokenCanvas />
        {!hasTrace && <p className="sheet-empty">{m.canvas.empty}</p>}
        <p className="hidden" id="canvas-help">
          {m.canvas.help}
        </p>
      </div>
      <Legend />
      {children}
      <div className="time">
        <Transport />
        <TimeLine />
        <CounterLine />
      </div>
      <DeviceNotice />
      <Announcer />
    </section>
  );
}
