/** That a lesson is on, its text, and the way out of it; and what of a link's wishes could not be used. */
import { useState } from 'react';
import { fetchedWithWords } from '../../fields/fetched.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { dismissProblems, leaveLesson, useLesson } from '../../session/lesson.ts';
import { LONGEST_TEXT } from '../../session/lessonLink.ts';
import { recall } from '../../session/remember.ts';
import './links.css';

const Asked = fetchedWithWords(async () => (await import('./Asked.tsx')).Asked, { room: <AskedRoom /> });

export function LessonBar() {
  const { lesson, problems } = useLesson();
  const [left, setLeft] = useState(false);
  const ruled = lesson && lesson.hidden.length + lesson.locked.length > 0;
  const leave = () => {
    leaveLesson();
    setLeft(true);
    // The button that had the focus is gone.
    document.querySelector<HTMLElement>('.header a')?.focus();
  };
  return (
    <>
      {lesson && (
        <section className="lesson" aria-label={m.links.lessonName}>
          {lesson.text && <p className="lesson-text">{lesson.text}</p>}
          {lesson.asks && <Asked />}
          <p className="lesson-line">
            <Icon name="lock" />
            {ruled ? m.links.lessonOn : m.links.lessonText}
            <button type="button" className="link" onClick={leave}>
              {m.links.leave}
            </button>
          </p>
        </section>
      )}
      {problems.length > 0 && (
        <div className="lesson problem" role="status">
          <p className="lesson-line">
            {m.controls.linkProblems} {sentences(...problems.map((problem) => m.links.problem(problem, LONGEST_TEXT)))}
            <button type="button" className="link" onClick={dismissProblems}>
              {m.errors.dismiss}
            </button>
          </p>
        </div>
      )}
      <p className="hidden" role="status">
        {left && !lesson && m.links.left}
      </p>
    </>
  );
}

function AskedRoom() {
  const [answered] = useState(() => recall('asked', { before: '' }).before !== '');
  return answered ? null : <div className="asked-room" />;
}
