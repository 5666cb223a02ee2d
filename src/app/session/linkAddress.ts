/** The address of a state of the page: its view, what the view's link says, and what a link wishes besides. */
import { formatLink, type Link } from '../../diffusion/link.ts';
import { extended } from '../../diffusion/link-text.ts';
import type { Settings } from '../../diffusion/settings.ts';
import { formatWishes, type Wishes } from './lessonLink.ts';

/** A query and the wishes of a link behind it. */
export function withWishes(query: string, wishes: Wishes): string {
  return extended(query, formatWishes(wishes));
}

/** The query of a link to Generate. */
export function addressQuery(settings: Settings, wishes: Wishes, more?: Pick<Link, 'revision' | 'moment'>): string {
  return withWishes(formatLink(settings, more), wishes);
}

/** A whole address of this page. */
export function addressOf(view: string, query: string): string {
  return `${location.origin}${location.pathname}#/${view}${query === '' ? '' : `?${query}`}`;
}
