/** The lessons that a classroom pack has brought, beside our chapters; what of one cannot be used is said under it. */
import { useId } from 'react';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { useLesson } from '../../session/lesson.ts';
import { usePack } from '../../session/pack.ts';
import { problemsOfLesson } from './classLesson.ts';

export function ClassLessons() {
  const lessons = usePack((state) => state.lessons);
  const id = useId();
  const inLesson = useLesson((state) => state.lesson !== undefined);
  // A class that was sent to a chapter is not sent on from there.
  if (lessons.length === 0 || inLesson) return null;
  return (
    <nav className="learn-chapters learn-class" aria-labelledby={id}>
      <span id={id}>{m.classroom.pack.chosenLessons}</span>
      <ol>
        {lessons.map((lesson) => {
          const { leads, said } = problemsOfLesson(lesson);
          return (
            <li key={`${lesson.title} ${lesson.link}`}>
              {leads ? <a href={lesson.link}>{lesson.title}</a> : <span className="nowhere">{lesson.title}</span>}
              {said.length > 0 && <p className="note warn">{sentences(...said)}</p>}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
