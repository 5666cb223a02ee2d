/** The Generate view: the settings, the sheet of paper, and what is known about one token. */
import { useEffect, useState } from 'react';
import { fetched, fetchedWithWords } from '../../fields/fetched.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { Modal } from '../../fields/Modal.tsx';
import { m } from '../../messages/index.ts';
import { useCausal } from '../../session/asWritten.ts';
import { useChatting } from '../../session/chat.ts';
import { EMBEDDED } from '../../session/embed.ts';
import { useLesson } from '../../session/lesson.ts';
import { select, useRun } from '../../session/run.ts';
import { start } from '../../session/start.ts';
import { closeTeach, openTeach, useTeach } from '../../session/teach.ts';
import { useTools } from '../../session/tools.ts';
import { NARROW, useMedia } from '../../session/useMedia.ts';
import { Announcer } from './Announcer.tsx';
import { BranchStrip } from './BranchStrip.tsx';
import { Controls } from './Controls.tsx';
import { CurveKey } from './CurveKey.tsx';
import { DeviceNotice } from './DeviceNotice.tsx';
import { GenerateButton } from './GenerateButton.tsx';
import { Inspector } from './Inspector.tsx';
import { Legend } from './Legend.tsx';
import { Notices } from './Notices.tsx';
import { PromptField } from './PromptField.tsx';
import { PromptNotes } from './PromptNotes.tsx';
import { Sheets } from './Sheets.tsx';
import { Shelf } from './Shelf.tsx';
import { TimeLine } from './TimeLine.tsx';
import { Toolbar } from './Toolbar.tsx';
import { CounterLine, SomethingElse, Transport } from './Transport.tsx';
import { UnderSheet } from './UnderSheet.tsx';

const Embedded = fetched(async () => (await import('./Embedded.tsx')).Embedded, { as: 'view' });
const TeachDialog = fetchedWithWords(async () => (await import('./teach/TeachDialog.tsx')).TeachDialog, {
  as: 'dialog',
  close: closeTeach,
});
const WeakNotice = fetched(async () => (await import('./WeakNotice.tsx')).WeakNotice, { as: 'extra' });
const ChatFoot = fetched(async () => (await import('./chat/ChatFoot.tsx')).default, {
  room: <div className="chat-foot" />,
});
// Most runs read the whole text, and write on masks.
const ProcessLine = fetchedWithWords(async () => (await import('./ProcessLine.tsx')).ProcessLine, { as: 'extra' });

export function GenerateView() {
  const narrow = useMedia(NARROW);
  const teaches = useTeach((state) => state.open);
  useEffect(() => start(), []);
  if (EMBEDDED) return <Embedded />;
  return (
    <>
      {narrow ? <Narrow /> : <Wide />}
      {teaches && <TeachDialog />}
    </>
  );
}

function Wide() {
  const chatting = useChatting();
  return (
    <main className="generate wide">
      <aside className="side left" aria-label={m.controls.title}>
        <PromptField />
        {!chatting && <GenerateButton />}
        <PromptNotes />
        <Controls />
      </aside>
      <Stage foot={chatting && <ChatFoot />} />
      <aside className="side right" aria-label={m.inspector.title}>
        <Inspector />
      </aside>
    </main>
  );
}

function Narrow() {
  const chatting = useChatting();
  const [settingsOpen, setSettingsOpen] = useState(false);
  const pointing = useTools((state) => state.tool === 'point');
  const selected = useRun((state) => state.selected !== undefined) && pointing;
  const idle = useRun((state) => state.status === 'idle');
  useEffect(() => {
    if (idle) return;
    // What covers the sheet goes when it is written on.
    setSettingsOpen(false);
    select(undefined);
  }, [idle]);
  return (
    <main className="generate narrow">
      <Stage>
        <div className="narrow-prompt">
          {/* A message is written where any other text is, so that another mode moves neither the sheet nor its brushes. */}
          <PromptField composer={<ChatFoot />} />
          <PromptNotes />
        </div>
        <div className="narrow-go">
          {!chatting && <GenerateButton />}
          <SomethingElse />
          <button type="button" className="outline" onClick={() => setSettingsOpen(true)}>
            <Icon name="sliders" />
            {m.controls.open}
          </button>
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

/** What this is, in one sentence, for who has just come in. A lesson says its own. */
function Door() {
  const lesson = useLesson((state) => state.lesson !== undefined);
  const causal = useCausal();
  return (
    <div className={lesson ? 'hidden' : 'door'}>
      <h1 className="hidden">{m.name}</h1>
      <p>
        {causal ? m.doorLeft : m.door} <a href="#/learn">{m.how}</a>{' '}
        <button type="button" className="link" aria-haspopup="dialog" onClick={() => openTeach()}>
          {m.shelf.teach}
        </button>
      </p>
      {!lesson && <Shelf />}
    </div>
  );
}

/** `foot` stands under the sheet, `children` below the legend. */
function Stage({ foot, children }: { foot?: React.ReactNode; children?: React.ReactNode }) {
  const special = useRun(
    ({ trace }) => trace && (trace.settings.process !== 'masked' || trace.settings.mode === 'edit'),
  );
  return (
    <section className="stage" aria-label={m.views.generate}>
      {/* What the page has to say stands in the place of the door, so that its coming moves nothing. */}
      <div className="above">
        <Notices />
        <Door />
      </div>
      <Toolbar />
      {/* What a mode brings takes its room from the empty part of the sheet, so that what follows stays where it is. */}
      <div className="paper">
        <Sheets />
        <UnderSheet />
        {special && <ProcessLine />}
        {foot}
      </div>
      <Legend />
      {children}
      <div className="time">
        <Transport />
        <TimeLine />
        <div className="under-time">
          <CounterLine />
          <CurveKey />
        </div>
        <BranchStrip />
      </div>
      <DeviceNotice />
      <WeakNotice />
      <Announcer />
    </section>
  );
}
