/** The quiet line at the top: the mark, the views, the model and its device, theme and help. */
import { Ruled } from '../links/Ruled.tsx';
import { m } from '../messages/index.ts';
import { useRule } from '../stores/lesson.ts';
import { usePreferences } from '../stores/preferences.ts';
import { VIEWS } from '../views.ts';
import { DeviceChip } from './DeviceChip.tsx';
import { Icon } from './Icon.tsx';
import { LanguageMenu } from './LanguageMenu.tsx';
import { Mark } from './Mark.tsx';
import { ModelChip } from './ModelChip.tsx';
import { nextTheme } from './theme.ts';

export function Header({ view, onHelp }: { view: string; onHelp: () => void }) {
  const theme = usePreferences((state) => state.theme);
  const free = useRule('views') === 'free';
  return (
    <header className="header">
      <Mark />
      {free && (
        <nav aria-label={m.navigation}>
          {VIEWS.filter(({ id, hidden }) => !hidden || id === view).map(({ id }) => (
            <a key={id} href={`#/${id}`} aria-current={id === view ? 'page' : undefined}>
              {m.views[id]}
            </a>
          ))}
        </nav>
      )}
      <div className="header-right">
        <ModelChip />
        <Ruled group="device">
          <DeviceChip />
        </Ruled>
        <LanguageMenu />
        <button
          type="button"
          className="quiet square"
          onClick={nextTheme}
          aria-label={m.header.theme[theme]}
          title={m.header.theme[theme]}
        >
          <Icon name={theme} />
        </button>
        <button
          type="button"
          className="quiet square"
          onClick={onHelp}
          aria-label={m.header.shortcuts}
          title={m.header.shortcuts}
        >
          ?
        </button>
      </div>
    </header>
  );
}
