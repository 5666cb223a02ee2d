/** The box a message is written in; below it how the last answer ended, and what the next message is up against. */

import { type KeyboardEvent, useId, useLayoutEffect, useRef } from 'react';
import { MOST_TEXT } from '../../../../diffusion/settings.ts';
import { CHAT } from '../../../../diffusion/shipped.ts';
import { CopyButton } from '../../../fields/CopyButton.tsx';
import { useFitting } from '../../../fields/fitting.tsx';
import { Icon } from '../../../fields/Icon.tsx';
import { m } from '../../../messages/index.ts';
import { asText, newChat, send } from '../../../session/chatActions.ts';
import { useCompute, useWantedModel } from '../../../session/compute.ts';
import { controller } from '../../../session/current.ts';
import { openModels } from '../../../session/models-dialog.ts';
import { useRun } from '../../../session/run.ts';
import { setSetting, useSettings } from '../../../session/settings.ts';
import { AnswerLine } from './AnswerLine.tsx';
import './chat.css';
import { setDraft, useAsked, useChat } from '../../../session/chat.ts';
import { LengthLine, useTooLong } from './LengthLine.tsx';

function ChatFoot() {
  const asked = useAsked();
  const draft = useChat((state) => state.draft);
  const { prompt, turns } = useSettings((state) => state.settings);
  const idle = useRun((state) => state.status === 'idle');
  const text = asked ? draft : prompt;
  const change = asked ? setDraft : (words: string) => setSetting('prompt', words);
  const empty = !asked && turns === '' && prompt === '';
  return (
    <div className="chat-foot">
      <Composer text={text} onChange={change} />
      <AnswerLine />
      <LengthLine text={asked ? draft : prompt} />
      <ModelLine />
      <div className="chat-acts">
        <button type="button" className="quiet" disabled={!idle || empty} onClick={newChat}>
          <Icon name="pen" />
          {m.chat.newChat}
        </button>
        <CopyButton icon="copy" label={m.chat.copy} text={() => asText(m.chat)} />
      </div>
    </div>
  );
}

/** How far the model is that will answer; of the small one that ships, what it cannot do, and where larger ones are. */
function ModelLine() {
  const name = useWantedModel();
  const { status, progress } = useCompute();
  if (status === 'loading' && progress) {
    const { stage, loaded, total } = { loaded: 0, total: 0, ...progress };
    return (
      <p className="chat-line">
        {stage === 'download' ? m.header.download(name, loaded, total) : m.header[stage](name)}
      </p>
    );
  }
  if (name !== CHAT) return null;
  return (
    <p className="chat-line">
      {m.chat.limits}{' '}
      <button type="button" className="link" aria-haspopup="dialog" onClick={() => openModels()}>
        {m.chat.larger}
      </button>
    </p>
  );
}

function Composer({ text, onChange }: { text: string; onChange: (words: string) => void }) {
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  const run = useRun((state) => state.status);
  const sending = useChat((state) => state.sending);
  const status = run === 'idle' && sending ? 'waiting' : run;
  const tooLong = useTooLong();
  const fitting = useFitting(MOST_TEXT, onChange);
  // As tall as its text, up to a third of the screen.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the text changes
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also accepts a word in writing systems that are composed.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    void send();
  };
  const words = { idle: m.chat.send, waiting: m.chat.waiting, running: m.chat.stop, stopping: m.chat.stopping }[status];
  return (
    <div className="composer">
      <label className="hidden" htmlFor={id}>
        {m.chat.message}
      </label>
      <textarea
        ref={box}
        id={id}
        rows={1}
        placeholder={m.chat.message}
        value={text}
        aria-describedby={`${id}-help`}
        onChange={(event) => fitting.change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {fitting.said}
      <p className="hidden" id={`${id}-help`}>
        {m.chat.sendHelp}
      </p>
      <button
        type="button"
        className={status === 'idle' ? 'go' : 'go busy'}
        title={m.chat.sendHelp}
        disabled={status === 'idle' && (text.trim() === '' || tooLong)}
        onClick={() => (status === 'idle' ? void send() : controller.stop())}
      >
        {words}
      </button>
    </div>
  );
}

// React loads it by name.
// biome-ignore lint/style/noDefaultExport: `lazy` takes a module's default
export default ChatFoot;
