/** The Schedule view: what a masking schedule is, from the corrupted sentence to the variance of the likelihood. */
import { useEffect } from 'react';
import '../../figures/canvases.css';
import '../../figures/figures.css';
import './schedule.css';
import { sentences } from '../../messages/format.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { followModel, loadModel } from '../../session/compute.ts';
import { useLent } from '../../session/lent.ts';
import { CopyLink } from '../../shell/links/CopyLink.tsx';
import { Blocks } from './Blocks.tsx';
import { Curves } from './Curves.tsx';
import { Draw } from './Draw.tsx';
import { Mirror } from './Mirror.tsx';
import { MEASURED } from './measured.ts';
import { Nelbo } from './Nelbo.tsx';
import { Sentence } from './Sentence.tsx';
import { currentLink, startSchedule, useSchedule } from './state.ts';
import { Times } from './Times.tsx';

export function ScheduleView() {
  const problems = useSchedule((state) => state.problems);
  // What is asked here is set beside what was measured.
  useLent(MEASURED.recipe.model);
  useEffect(() => {
    const stops = [startSchedule(), followModel()];
    const timer = setTimeout(() => void loadModel().catch(() => undefined), 300);
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, []);

  return (
    <main className="schedule-view">
      <div className="title-line">
        <h1>{m.scheduleView.title}</h1>
        <CopyLink view="schedule" query={currentLink} />
      </div>
      <p className="lead">{m.scheduleView.lead}</p>
      {problems.length > 0 && (
        <p className="schedule-error" role="alert">
          {sentences(m.controls.linkProblems, ...problems.map(told))}
        </p>
      )}
      <Sentence />
      <Curves />
      <Draw />
      <Mirror />
      <Nelbo />
      <Times />
      <Blocks />
    </main>
  );
}
