/** Generate in a frame: the sheet, the player, one button, and the way to the whole page. */
import { useEffect } from 'react';
import { m } from '../../messages/index.ts';
import { useChatting } from '../../session/chat.ts';
import { tellCompleted } from '../../session/embed.ts';
import { currentFrame } from '../../session/frames.ts';
import { settingsQuery } from '../../session/generateLink.ts';
import { addressOf } from '../../session/linkAddress.ts';
import { type RunState, useRun } from '../../session/run.ts';
import { Announcer } from './Announcer.tsx';
import { CurveKey } from './CurveKey.tsx';
import { GenerateButton } from './GenerateButton.tsx';
import { Notices } from './Notices.tsx';
import { Sheets } from './Sheets.tsx';
import { TimeLine } from './TimeLine.tsx';
import { Transport } from './Transport.tsx';
import { UnderSheet } from './UnderSheet.tsx';

/** A text that the model has just written here to its end. */
const written = ({ source, status, trace, playhead }: RunState) =>
  source === 'live' &&
  status === 'idle' &&
  trace !== undefined &&
  playhead >= trace.steps.length &&
  currentFrame()?.masks === 0;

export function Embedded() {
  const done = useRun(written);
  useEffect(() => {
    if (done) tellCompleted();
  }, [done]);
  const chatting = useChatting();
  return (
    <main className="generate embedded">
      <section className="stage" aria-label={m.views.generate}>
        <h1 className="hidden">{m.name}</h1>
        <Notices />
        <Sheets />
        <UnderSheet />
        <div className="time">
          <Transport />
          <TimeLine />
        </div>
        <div className="embedded-foot">
          {!chatting && <GenerateButton />}
          <CurveKey />
          <a
            href={addressOf('generate', '')}
            target="_blank"
            rel="noopener"
            onClick={(event) => {
              event.currentTarget.href = addressOf('generate', settingsQuery());
            }}
          >
            {m.embed.open}
          </a>
        </div>
        <Announcer />
      </section>
    </main>
  );
}
