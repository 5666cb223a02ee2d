/** The Learn view: eight chapters, read beat by beat beside a live canvas. The place stands in the address. */
import '../../figures/figures.css';
import '../../figures/canvases.css';
import './learn.css';
import { use, useEffect, useMemo, useRef } from 'react';
import { SMALL } from '../../../diffusion/shipped.ts';
import { integer, say } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { learn, setLearn } from '../../messages/learnWords.ts';
import { told } from '../../messages/told.ts';
import { loadModel } from '../../session/compute.ts';
import { tellCompleted } from '../../session/embed.ts';
import { useLanguage } from '../../session/language.ts';
import { useLent } from '../../session/lent.ts';
import { parseRoute } from '../../session/route.ts';
import { readRuns } from '../../session/train/store.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import { before, formatPlace, learnQuery, next, type Place, problemsOf } from './address.ts';
import { BeatPage } from './BeatPage.tsx';
import { ClassLessons } from './ClassLessons.tsx';
import { CHAPTERS } from './chapters/index.ts';
import { usePlace } from './place.ts';
import { showPointing, usePointing } from './pointing.ts';
import { proseOf } from './speak.ts';
import { startPlaying } from './stage.ts';

export function LearnView() {
  const language = useLanguage((state) => state.language) ?? 'en';
  const prose = use(proseOf(language));
  if (!prose) return <main className="learn note">{m.header.languageFailed}</main>;
  setLearn(prose);
  return <Course />;
}

function Course() {
  const root = useRef<HTMLElement>(null);
  const place = usePlace();
  const chapter = CHAPTERS[place.chapter];
  const beat = chapter?.beats[place.beat];
  const text = chapter && learn.chapters[chapter.id];
  const moved = useRef<Place>(place);
  useLent(SMALL);

  useEffect(() => {
    void loadModel().catch(() => undefined);
    void readRuns();
    return startPlaying();
  }, []);
  useEffect(() => (root.current ? showPointing(root.current) : undefined), []);
  useEffect(() => {
    usePointing.setState({ hovered: undefined, kept: undefined });
    if (place.beat + 1 === CHAPTERS[place.chapter]?.beats.length) tellCompleted();
    // Not on the first beat that is shown: the page has only just opened.
    if (moved.current === place) return;
    moved.current = place;
    document.getElementById('learn-beat')?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }, [place]);

  if (!chapter || !beat || !text) return null;
  const { view } = learn;
  const count = chapter.beats.length;
  return (
    <main className="learn" ref={root}>
      <nav className="learn-chapters" aria-label={view.chapters}>
        <ol>
          {CHAPTERS.map(({ id, minutes }, index) => (
            <li key={id}>
              <a
                href={`#/learn?${formatPlace({ chapter: index, beat: 0 })}`}
                aria-current={index === place.chapter ? 'step' : undefined}
                title={say(view.minutes, { n: integer(minutes) })}
              >
                <b>{integer(index + 1)}</b> <span>{learn.chapters[id]?.title}</span>
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <ClassLessons />
      <header className="learn-head">
        <div className="title-line">
          <h1>{text.title}</h1>
          <CopyLink view="learn" query={() => learnQuery(place)} />
        </div>
        <LinkProblems place={place} />
        <p className="note">
          {say(view.progress, {
            beat: integer(place.beat + 1),
            beats: integer(count),
            minutes: integer(chapter.minutes),
          })}
        </p>
        <progress value={place.beat + 1} max={count} aria-label={view.progressLabel} />
      </header>
      <BeatPage
        key={`${chapter.id} ${beat.id}`}
        beat={beat}
        text={text.beats[beat.id] ?? { title: '', text: [] }}
        lead={place.beat === 0 ? text.lead : undefined}
        more={place.beat === count - 1 ? text.more : undefined}
      >
        <Steps place={place} />
      </BeatPage>
    </main>
  );
}

/** What of the link could not be used, as long as the reader stands where it led. */
function LinkProblems({ place }: { readonly place: Place }) {
  const problems = useMemo(() => (place ? problemsOf(parseRoute(location.hash).query) : []), [place]);
  if (problems.length === 0) return null;
  return (
    <p className="note warn" role="status">
      {m.controls.linkProblems} {problems.map(told).join(' ')}
    </p>
  );
}

function Steps({ place }: { readonly place: Place }) {
  const [back, onward] = [before(place), next(place)];
  const { view } = learn;
  const forward = onward && (onward.chapter === place.chapter ? view.next : view.nextChapter);
  return (
    <nav className="learn-steps" aria-label={view.steps}>
      {back && (
        <a className="outline" href={`#/learn?${formatPlace(back)}`}>
          {view.back}
        </a>
      )}
      {onward ? (
        <a className="go" href={`#/learn?${formatPlace(onward)}`}>
          {forward}
        </a>
      ) : (
        <p>{view.end}</p>
      )}
    </nav>
  );
}
