/** Where a teacher's link can lead, as `[view or view?query, name]`: the views, and the chapters of the course. */
import { learnQuery } from '../learn/address.ts';
import { CHAPTERS } from '../learn/chapters/index.ts';
import { m } from '../messages/index.ts';

const VIEWS = ['generate', 'schedule', 'train', 'compare', 'hood'] as const;

export function starts(): [string, string][] {
  return [
    ...VIEWS.map((view): [string, string] => [view, m.views[view]]),
    ...CHAPTERS.map((_, chapter): [string, string] => [
      `learn?${learnQuery({ chapter, beat: 0 })}`,
      m.links.teacher.chapter(m.views.learn, chapter + 1),
    ]),
  ];
}
