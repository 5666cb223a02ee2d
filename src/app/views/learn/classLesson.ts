/** What is wrong with a lesson of a pack, in sentences: a link is read here as the view that it leads to reads it. */

import { parseLink } from '../../../diffusion/link.ts';
import type { Lesson } from '../../../worker/protocol.ts';
import { m } from '../../messages/index.ts';
import { told } from '../../messages/told.ts';
import { LONGEST_TEXT, parseWishes } from '../../session/lessonLink.ts';
import { parseRoute } from '../../session/route.ts';
import { problemsOf } from './address.ts';

/** `leads`: there is a view of that name, so that the link can be followed. */
export function problemsOfLesson({ link }: Pick<Lesson, 'link'>): {
  readonly leads: boolean;
  readonly said: readonly string[];
} {
  const { view, query, unknown } = parseRoute(link);
  if (unknown !== undefined) return { leads: false, said: [m.classroom.pack.noView(unknown.slice(0, 40))] };
  const wishes = parseWishes(query).problems.map((problem) => m.links.problem(problem, LONGEST_TEXT));
  const own =
    view === 'learn'
      ? problemsOf(query)
      : view === 'generate'
        ? parseLink(query).problems.map((problem) => problem.toJSON().message)
        : [];
  return { leads: true, said: [...wishes, ...own.map(told)] };
}
