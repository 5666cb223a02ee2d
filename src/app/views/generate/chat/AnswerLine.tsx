/** How the answer on the sheet ended, in one sentence: early, or only because the canvas did. */
import { useEffect } from 'react';
import { isOpen } from '../../../../diffusion/canvas.ts';
import { endedAt } from '../../../../diffusion/replay.ts';
import { SETTINGS } from '../../../../diffusion/settings.ts';
import type { Trace } from '../../../../diffusion/trace.ts';
import { m } from '../../../messages/index.ts';
import { answers, useChat } from '../../../session/chat.ts';
import { readReply } from '../../../session/chatActions.ts';
import { useCompute } from '../../../session/compute.ts';
import { newTextStart } from '../../../session/drawnOrder.ts';
import { useFrame } from '../../../session/frames.ts';
import { useRun } from '../../../session/run.ts';
import { setSetting, useSettings } from '../../../session/settings.ts';

/** Above this share of the canvas an answer has little room to spare. */
const NEARLY = 0.9;

/** The answer on the sheet as it was cut, once its run is over and the model is there to be asked. */
function useReply(trace: Trace | undefined) {
  const reply = useChat((state) => state.reply);
  const ready = useCompute(({ status, model }) => status === 'ready' && model?.id === trace?.model.id);
  useEffect(() => {
    if (!trace || !ready || useChat.getState().reply?.trace === trace) return;
    readReply(trace)
      .then((found) => {
        if (found && useRun.getState().trace === trace) useChat.setState({ reply: { ...found, trace } });
      })
      // Without it nothing is said.
      .catch(() => undefined);
  }, [trace, ready]);
  return reply?.trace === trace ? reply : undefined;
}

export function AnswerLine() {
  const settings = useSettings((state) => state.settings);
  const trace = useRun(({ trace: shown, status }) =>
    status === 'idle' && answers(shown, settings) ? shown : undefined,
  );
  const frame = useFrame();
  const reply = useReply(trace);
  if (!trace || !frame || frame.playhead < trace.steps.length) return null;
  const start = newTextStart(trace);
  const length = frame.ids.length - start;
  const ended = endedAt(trace, frame.playhead);
  if (ended) {
    const unneeded = frame.states.reduce((n, state, slot) => n + (slot >= ended.to && isOpen(state) ? 1 : 0), 0);
    return (
      <p className="chat-line">
        {trace.maskId === undefined
          ? m.chat.endedFromLeft(ended.to - start, unneeded)
          : m.chat.ended(ended.to - start, unneeded, ended.saved)}
      </p>
    );
  }
  if (!reply || frame.masks > 0) return null;
  const used = reply.ending?.to ?? length;
  if (reply.ending && used < length * NEARLY) return null;
  const more = Math.min(length * 2, SETTINGS.length.control.kind === 'number' ? SETTINGS.length.control.max : length);
  return (
    <p className="chat-line" role="status">
      {reply.ending ? m.chat.nearlyFull(used, length) : m.chat.full(length)}{' '}
      {settings.length <= length && more > length && (
        <button type="button" className="link" onClick={() => setSetting('length', more)}>
          {m.chat.askFor(more)}
        </button>
      )}
    </p>
  );
}
