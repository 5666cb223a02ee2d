/** Tells people who listen how the run goes, at most every two seconds, and keeps the text itself readable for them. */

import { useEffect, useState } from 'react';
import { m } from '../../messages/index.ts';
import { currentCounters, currentFrame } from '../../session/frames.ts';
import { useRun } from '../../session/run.ts';
import { maskedAtStart } from '../../trace/counters.ts';
import { idsOf } from '../../trace/frame.ts';
import { timelineOf } from '../../trace/timeline.ts';
import { plainText } from '../../trace/words.ts';

const EVERY = 2000;

export function Announcer() {
  const [said, setSaid] = useState('');
  const [text, setText] = useState('');
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wasRunning = false;
    const speak = () => {
      timer = undefined;
      const { trace, playing, status, playhead } = useRun.getState();
      const frame = currentFrame();
      const counters = currentCounters();
      if (!trace || !frame || !counters) return;
      if (!playing) setText(plainText(idsOf(frame), trace.maskId, trace.pieces));
      // A recording that plays by itself is not worth interrupting anybody.
      if (status === 'idle' && !wasRunning) return;
      const over = status === 'idle' && playhead >= trace.steps.length;
      const total = Math.max(timelineOf(trace).counts.length, playhead);
      if (over && frame.masks === 0) setSaid(m.time.finished(maskedAtStart(trace), trace.steps.length));
      else if (status === 'idle' && !playing) setSaid(m.time.stopped(playhead));
      else setSaid(m.time.value(playhead, total, counters.share));
      wasRunning = status !== 'idle' || playing;
    };
    const unsubscribe = useRun.subscribe(() => {
      timer ??= setTimeout(speak, EVERY);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, []);
  return (
    <>
      <p className="hidden" role="status" aria-live="polite">
        {said}
      </p>
      <section className="hidden" aria-label={m.canvas.textSoFar}>
        {text && <p>{text}</p>}
      </section>
    </>
  );
}
