/** The conversation on the sheet: earlier turns to read and to fold, and the question that the canvas below answers. */

import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { parseTurns, type Turn } from '../../../../diffusion/conversation.ts';
import { MOST_TEXT } from '../../../../diffusion/settings.ts';
import { CHAT } from '../../../../diffusion/shipped.ts';
import { useFitting } from '../../../fields/fitting.tsx';
import { Icon } from '../../../fields/Icon.tsx';
import { IconButton } from '../../../fields/IconButton.tsx';
import { decimal } from '../../../messages/format.ts';
import { m } from '../../../messages/index.ts';
import { anotherAnswer, askInstead, removeLast, removeTurn, seedIsIdle, send } from '../../../session/chatActions.ts';
import { useWantedModel } from '../../../session/compute.ts';
import { useRun } from '../../../session/run.ts';
import { setSetting, useSettings } from '../../../session/settings.ts';
import './chat.css';
import { useAsked, useChat } from '../../../session/chat.ts';

/** Turns before the question that are open to begin with; older ones are folded. */
const UNFOLDED = 2;
/** At which a second answer is drawn when the settings would only give the first again. */
const WARM = 0.7;

function Thread() {
  const { turns, prompt } = useSettings((state) => state.settings);
  const asked = useAsked();
  const earlier = parseTurns(turns);
  return (
    <section className="thread" aria-label={m.chat.conversation}>
      {earlier.map((turn, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a turn is its place and its words
        <Earlier key={`${at} ${turn.question}`} turn={turn} at={at} open={at >= earlier.length - UNFOLDED} />
      ))}
      {asked && prompt !== '' ? <Question key={prompt} text={prompt} /> : earlier.length === 0 && <Empty />}
    </section>
  );
}

/** What the small model was taught, in the only language that it speaks. */
const TRIES = ['What do penguins eat?', 'Tell me a story about a dragon.', 'I am so tired today.'];

function Empty() {
  const tiny = useWantedModel() === CHAT;
  const ask = (text: string) => {
    setSetting('prompt', text);
    void send();
  };
  return (
    <>
      <p className="thread-empty">{m.chat.empty}</p>
      {tiny && (
        <p className="thread-tries">
          {m.chat.tryThis}
          {TRIES.map((text) => (
            <button key={text} type="button" className="outline" lang="en" onClick={() => ask(text)}>
              {text}
            </button>
          ))}
        </p>
      )}
    </>
  );
}

function Earlier({ turn, at, open }: { turn: Turn; at: number; open: boolean }) {
  return (
    <details className="turn" open={open}>
      <summary>
        <span className="hidden">{m.chat.you}: </span>
        <span className="asked">{turn.question}</span>
      </summary>
      <div className="answered">
        <p>
          <span className="hidden">{m.chat.answer}: </span>
          {turn.answer || <i>{m.chat.noAnswer}</i>}
        </p>
        <button
          type="button"
          className="quiet square"
          onClick={() => removeTurn(at)}
          aria-label={m.chat.removeAt(at + 1)}
          title={m.chat.remove}
        >
          <Icon name="bin" />
        </button>
      </div>
    </details>
  );
}

function Question({ text }: { text: string }) {
  const [editing, setEditing] = useState(false);
  const idle = useRun((state) => state.status === 'idle');
  if (editing) return <EditQuestion text={text} onClose={() => setEditing(false)} />;
  return (
    <div className="question">
      <p className="asked">
        <span className="hidden">{m.chat.you}: </span>
        {text}
      </p>
      <div className="choices">
        <Again disabled={!idle} />
        <IconButton icon="pen" label={m.chat.edit} disabled={!idle} onClick={() => setEditing(true)} />
        <IconButton icon="bin" label={m.chat.remove} disabled={!idle} onClick={removeLast} />
        <ShowPrompt />
      </div>
    </div>
  );
}

/** Another seed; where that changes nothing, a sentence and a way that does. */
function Again({ disabled }: { disabled: boolean }) {
  const settings = useSettings((state) => state.settings);
  const [told, setTold] = useState(false);
  const idle = seedIsIdle(settings);
  return (
    <>
      <IconButton
        icon="dice"
        label={m.chat.again}
        title={m.chat.againHelp}
        disabled={disabled}
        onClick={() => (idle ? setTold(!told) : void anotherAnswer())}
      />
      {told && idle && (
        <p className="note" role="status">
          {m.chat.onlyOne}{' '}
          <button
            type="button"
            className="link"
            disabled={disabled}
            onClick={() => void anotherAnswer({ temperature: WARM })}
          >
            {m.chat.drawAt(decimal(WARM))}
          </button>
        </p>
      )}
    </>
  );
}

function ShowPrompt() {
  const shown = useChat((state) => state.showPrompt);
  return (
    <button
      type="button"
      className="quiet"
      aria-pressed={shown}
      title={m.chat.readHelp}
      onClick={() => useChat.setState({ showPrompt: !shown })}
    >
      {m.chat.read}
    </button>
  );
}

function EditQuestion({ text, onClose }: { text: string; onClose: () => void }) {
  const [words, setWords] = useState(text);
  const fitting = useFitting(MOST_TEXT, setWords);
  const id = useId();
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const { current: element } = box;
    element?.focus();
    element?.setSelectionRange(element.value.length, element.value.length);
  }, []);
  const submit = () => {
    if (words.trim() === '') return;
    onClose();
    void askInstead(words);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
    else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="question editing">
      <label className="hidden" htmlFor={id}>
        {m.chat.editLabel}
      </label>
      <textarea
        ref={box}
        id={id}
        rows={2}
        value={words}
        onChange={(event) => fitting.change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {fitting.said}
      <div className="choices">
        <button type="button" className="outline" onClick={submit} disabled={words.trim() === ''}>
          {m.chat.askAgain}
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          {m.chat.cancel}
        </button>
      </div>
    </div>
  );
}

// React loads it by name.
// biome-ignore lint/style/noDefaultExport: `lazy` takes a module's default
export default Thread;
