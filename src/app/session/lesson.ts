/**
 * The lesson that the page is in, if any: from the link it was opened with, kept for this tab through reloads and other
 * views until somebody leaves it. Controls ask `useRule` of their group, or `useSettingRule` of their setting.
 */
import { create } from 'zustand';
import { writeQuery } from '../../diffusion/link-text.ts';
import { SETTINGS, type SettingName } from '../../diffusion/settings.ts';
import { formatWishes, type Group, type Lesson, type Problem, parseWishes, type Wishes } from './lessonLink.ts';
import { parseRoute } from './route.ts';

interface LessonState {
  readonly lesson: Lesson | undefined;
  /** What of the link's wishes could not be used. */
  readonly problems: readonly Problem[];
}

export type Rule = 'free' | 'locked' | 'hidden';

const KEY = 'unmask.lesson';

export const useLesson = create<LessonState>(() => {
  const { wishes, problems } = linkedWishes();
  return { lesson: wishes.lesson ?? kept().lesson, problems };
});

/** What an address wishes. */
function linkedWishes(hash = location.hash): { readonly wishes: Wishes; readonly problems: readonly Problem[] } {
  const { query, unknown } = parseRoute(hash);
  const { wishes, problems } = parseWishes(query);
  return {
    wishes,
    problems: unknown === undefined ? problems : [{ kind: 'view', found: unknown.slice(0, 40) }, ...problems],
  };
}

/** The lesson that a reload of this tab finds. */
function kept(): Wishes {
  try {
    return parseWishes(sessionStorage.getItem(KEY) ?? '').wishes;
  } catch {
    return parseWishes('').wishes; // storage is forbidden
  }
}

function keep(wishes: Wishes): void {
  try {
    sessionStorage.setItem(KEY, writeQuery(formatWishes(wishes)));
  } catch {
    // Storage is forbidden: a reload leaves the lesson.
  }
}

/** The language that the lesson of this tab is in. */
export function lessonLanguage(): Wishes['language'] {
  const { wishes } = linkedWishes();
  return wishes.language ?? kept().language;
}

/** Takes the lesson of the address, now and when another link is followed; returns how to stop. */
export function followLesson(speak: (language: NonNullable<Wishes['language']>) => void): () => void {
  const adopt = (event?: HashChangeEvent) => {
    const { wishes, problems } = linkedWishes(event && new URL(event.newURL).hash);
    useLesson.setState({ problems });
    if (wishes.lesson) {
      useLesson.setState({ lesson: wishes.lesson });
      keep({ ...wishes, plays: false });
    }
    // The page began in the language of its link; one chosen by hand since then is left alone.
    if (event && wishes.language) speak(wishes.language);
  };
  adopt();
  window.addEventListener('hashchange', adopt);
  return () => window.removeEventListener('hashchange', adopt);
}

export function leaveLesson(): void {
  useLesson.setState({ lesson: undefined, problems: [] });
  keep(parseWishes('').wishes);
}

export function dismissProblems(): void {
  useLesson.setState({ problems: [] });
}

/** What the lesson says of a group of controls. */
export function ruleOf(group: Group, lesson = useLesson.getState().lesson): Rule {
  if (lesson?.hidden.includes(group)) return 'hidden';
  return lesson?.locked.includes(group) ? 'locked' : 'free';
}

export function useRule(group: Group): Rule {
  return useLesson(({ lesson }) => ruleOf(group, lesson));
}

/** What the lesson says of one setting: what of its group, unless it is left free. */
export function settingRule(name: SettingName, lesson = useLesson.getState().lesson): Rule {
  return lesson?.free.includes(name) ? 'free' : ruleOf(SETTINGS[name].group, lesson);
}

export function useSettingRule(name: SettingName): Rule {
  return useLesson(({ lesson }) => settingRule(name, lesson));
}
