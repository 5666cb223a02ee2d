/** The page's entry point: fonts, styles, theme, and React in #root. */
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@fontsource-variable/source-serif-4/wght.css';
import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { EMBEDDED } from './session/embed.ts';
import { startResting } from './session/hidden.ts';
import { enter, wantedLanguage } from './session/language.ts';
import { startShelf } from './session/offline.ts';
import { startTheme } from './session/theme.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root element');

if (EMBEDDED) document.documentElement.dataset['embedded'] = '';
startTheme();
startShelf();
startResting();
await enter(wantedLanguage()).catch(() => enter('en'));
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
// Nothing it looks at is here before the page stands.
void import('./session/weak.ts').then(({ startWeak }) => startWeak()).catch(() => undefined);
