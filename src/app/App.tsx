/** The page: header, the current view, the help, and the keys that work everywhere. */
import { useEffect, useState } from 'react';
import { Boundary } from './fields/Boundary.tsx';
import { fetchedWithWords } from './fields/fetched.tsx';
import { m } from './messages/index.ts';
import { EMBEDDED } from './session/embed.ts';
import { enter, useLanguage } from './session/language.ts';
import { followLesson } from './session/lesson.ts';
import { usePreferences } from './session/preferences.ts';
import { useView } from './session/route.ts';
import { closeTeacher, useTeacher } from './session/teacher.ts';
import { Header } from './shell/Header.tsx';
import { listenForKeys } from './shell/keys.ts';
import { LessonBar } from './shell/links/LessonBar.tsx';
import { NewerLine } from './shell/offline/NewerLine.tsx';
import { TrainingLine } from './shell/TrainingLine.tsx';
import { viewKeys } from './views/generate/keys.ts';
import { VIEWS } from './views.ts';

/** Knows the stores of every view, so that it is fetched when one has stopped. */
const aside = () => import('./session/aside.ts');

const Shortcuts = fetchedWithWords(async () => (await import('./shell/Shortcuts.tsx')).Shortcuts, { as: 'dialog' });
const Teacher = fetchedWithWords(async () => (await import('./Teacher.tsx')).Teacher, {
  as: 'dialog',
  close: closeTeacher,
});

/** To the text, or where there is none to the heading of the view. */
function skip(): void {
  const text = document.querySelector<HTMLElement>('[data-slot][tabindex="0"]');
  const heading = document.querySelector<HTMLElement>('main h1');
  if (heading) heading.tabIndex = -1;
  (text ?? heading)?.focus();
}

const TITLE = document.title;

/** Drawn anew when the language changes: sentences are read while drawing. */
export function App() {
  const { language } = useLanguage();
  return <Page key={language} />;
}

function Page() {
  const id = useView();
  const view = VIEWS.find((one) => one.id === id) ?? VIEWS[0];
  const [help, setHelp] = useState(false);
  useEffect(
    () =>
      listenForKeys(
        [...(view?.id === 'generate' ? viewKeys : []), { key: '?', single: true, run: () => setHelp((open) => !open) }],
        () => usePreferences.getState().singleKeys,
      ),
    [view],
  );
  useEffect(() => followLesson((language) => void enter(language).catch(() => undefined)), []);
  useEffect(() => {
    setHelp(false);
    document.title = view && view.id !== 'generate' ? `${m.views[view.id]} · ${m.name}` : TITLE;
  }, [view]);
  const teaching = useTeacher((state) => state.page !== undefined);
  if (!view) return null;
  const Shown = view.component;
  return (
    <>
      <button type="button" className="skip" onClick={skip}>
        {m.skip}
      </button>
      {!EMBEDDED && <NewerLine />}
      <Boundary>
        {!EMBEDDED && <Header views={VIEWS} view={view.id} onHelp={() => setHelp(true)} />}
        {!EMBEDDED && view.id !== 'train' && <TrainingLine />}
        <LessonBar />
      </Boundary>
      <Boundary
        key={view.id}
        onSetAside={async () => (await aside()).setAside(view.id)}
        onSave={async () => (await aside()).saveAside()}
      >
        <Shown />
      </Boundary>
      {teaching && <Teacher />}
      {help && <Shortcuts onClose={() => setHelp(false)} />}
    </>
  );
}
