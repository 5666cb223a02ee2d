/** Where a teacher's link can lead, as `[view or view?query, name]`. */
import { m } from '../messages/index.ts';

const VIEWS = ['generate', 'schedule', 'train', 'compare', 'hood'] as const;

export function STARTS(): [string, string][] {
  return VIEWS.map((view) => [view, m.views[view]]);
}
