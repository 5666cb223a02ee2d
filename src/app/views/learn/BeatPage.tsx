/** One beat: its prose, its question, what can be tried, and beside it the stage. Drawn anew for every beat. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Trace } from '../../../diffusion/trace.ts';
import { say } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { type BeatText, learn } from '../../messages/learnWords.ts';
import { setSettings } from '../../session/settings.ts';
import { Controls } from './Controls.tsx';
import { changesIn } from './changes.ts';
import { openAtStart } from './evidence.ts';
import { Prose } from './Prose.tsx';
import { Question } from './Question.tsx';
import { StageView } from './StageView.tsx';
import { generateSettings } from './scene.ts';
import type { Beat, Finding } from './script.ts';
import { again, answer, change, flip, openScene, undo, useStage } from './stage.ts';
import { useBusyElsewhere, useTraining } from './training.ts';

interface Props {
  readonly beat: Beat;
  readonly text: BeatText;
  /** Of the chapter, above its first beat. */
  readonly lead: string | undefined;
  /** What to read, under its last beat. */
  readonly more: readonly string[] | undefined;
  readonly children: React.ReactNode;
}

export function BeatPage({ beat, text, lead, more, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [picked, setPicked] = useState<string>();
  const [finding, setFinding] = useState<Finding>();
  const [said, setSaid] = useState('');
  const pending = beat.question !== undefined && finding === undefined;
  const writes = beat.writes === true || (beat.question !== undefined && !beat.question.reveals);

  // Before it is painted: what stands under the canvas follows from the scene.
  useLayoutEffect(() => {
    // A question about words opens the scene itself: it needs the model's list before it can be asked.
    if (beat.question?.options !== 'words') void openScene(beat.scene, beat.writes === true);
  }, [beat]);

  const onPress = (slot: number) => {
    const { trace } = useStage.getState();
    if (beat.hides) void flip(slot);
    else if (pending && beat.question?.options === 'gaps' && trace) {
      const place = openAtStart(trace).indexOf(slot);
      if (place >= 0) setPicked(String(place));
    }
  };

  return (
    <div className="learn-columns">
      <article className="learn-prose" aria-labelledby="learn-beat">
        {lead && <p className="lead">{lead}</p>}
        <h2 id="learn-beat" ref={heading} tabIndex={-1}>
          {text.title}
        </h2>
        <Prose paragraphs={text.text} />
        {beat.question && (
          <Question
            scene={beat.scene}
            question={beat.question}
            text={text}
            picked={picked}
            onPick={setPicked}
            finding={finding}
            onFound={setFinding}
            onTold={setSaid}
          />
        )}
        {beat.claim && <Claim find={beat.claim.find} words={text.claim ?? {}} onSaid={setSaid} />}
        {beat.tries && !pending && (
          <div className="learn-tries" data-target="try">
            <h3>{learn.view.tryIt}</h3>
            {beat.tries.map(({ id, scene }) => (
              <button key={id} type="button" className="outline" onClick={() => void change(scene, true)}>
                {text.tries?.[id]}
              </button>
            ))}
          </div>
        )}
        {beat.scene.training && !beat.question && <TrainingButton />}
        {more && (
          <section className="learn-more">
            <h3>{learn.view.more}</h3>
            <ul>
              {more.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </section>
        )}
        {children}
      </article>
      <StageView
        beat={beat}
        pending={pending}
        foot={!pending && <Onward />}
        onPress={beat.hides || beat.question?.options === 'gaps' ? onPress : undefined}
      >
        {beat.controls && !pending && <Controls controls={beat.controls} writes={writes} />}
        <Changed writes={writes} onSaid={setSaid} />
      </StageView>
      <p className="hidden" role="status" aria-live="polite">
        {said}
      </p>
    </div>
  );
}

/** What the run that is on the canvas shows, once it has been seen to its end. */
function Claim({
  find,
  words,
  onSaid,
}: {
  readonly find: (trace: Trace) => Finding;
  readonly words: Readonly<Record<string, string>>;
  readonly onSaid: (said: string) => void;
}) {
  const { trace, playhead, playing, status } = useStage();
  const seen = trace && status === 'idle' && !playing && playhead > 0 && playhead === trace.steps.length;
  const found = seen ? find(trace) : undefined;
  const said = found ? say(words[found.answer] ?? '', found.values) : '';
  useEffect(() => {
    if (said) onSaid(said);
  }, [said, onSaid]);
  return <p className="learn-claim">{said}</p>;
}

/** What the last change by hand changed, how to take it back, and how to have the model write again. */
function Changed({ writes, onSaid }: { readonly writes: boolean; readonly onSaid: (said: string) => void }) {
  const { changed, past, scene, status } = useStage();
  const words = changed ? changesIn(changed, scene).join(' · ') : '';
  useEffect(() => {
    if (words) onSaid(say(learn.view.changed, { what: words }));
  }, [words, onSaid]);
  if (past.length === 0) return null;
  return (
    <p className="learn-line">
      <span className="note">{words && say(learn.view.changed, { what: words })}</span>
      <button type="button" className="quiet" onClick={() => void undo(writes)}>
        {m.canvas.undo}
      </button>
      {scene.time !== undefined && (
        <button type="button" className="outline" disabled={status !== 'idle'} onClick={() => void again()}>
          {learn.view.askModel}
        </button>
      )}
    </p>
  );
}

/** To the Generate view with the very settings of this canvas. */
function Onward() {
  const scene = useStage((state) => state.scene);
  const settings = generateSettings(scene);
  if (!settings) return null;
  return (
    <p className="learn-line">
      <button
        type="button"
        className="quiet"
        onClick={() => {
          setSettings(settings);
          location.hash = '#/generate';
        }}
      >
        {learn.view.openInGenerate}
      </button>
    </p>
  );
}

function TrainingButton() {
  const run = useTraining((state) => state.run);
  const busy = useBusyElsewhere();
  const idle = useStage((state) => state.status === 'idle');
  return (
    <button
      type="button"
      className={run ? 'outline' : 'go learn-ask'}
      data-target="try"
      disabled={busy || !idle}
      onClick={() => void answer(undefined)}
    >
      {run ? learn.view.training.again : learn.view.training.start}
    </button>
  );
}
