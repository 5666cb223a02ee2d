/** The teacher's dialog with the places where a link can lead: the views, and the chapters of the course. */

import { m } from './messages/index.ts';
import { TeacherDialog } from './shell/links/TeacherDialog.tsx';
import { learnQuery } from './views/learn/address.ts';
import { CHAPTERS } from './views/learn/chapters/index.ts';

const VIEWS = ['generate', 'schedule', 'train', 'compare', 'hood'] as const;

export function Teacher() {
  return (
    <TeacherDialog
      starts={[
        ...VIEWS.map((view): [string, string] => [view, m.views[view]]),
        ...CHAPTERS.map((_, chapter): [string, string] => [
          `learn?${learnQuery({ chapter, beat: 0 })}`,
          m.classroom.teacher.chapter(m.views.learn, chapter + 1),
        ]),
      ]}
    />
  );
}
