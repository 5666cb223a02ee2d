/** The quiet line at the top: the mark, the views, the model and its device, theme and help. */

import { useEffect, useRef } from 'react';
import { useFading } from '../fields/fading.ts';
import { Icon } from '../fields/Icon.tsx';
import { Ruled } from '../fields/Ruled.tsx';
import { type Messages, m } from '../messages/index.ts';
import { useRule } from '../session/lesson.ts';
import { usePreferences } from '../session/preferences.ts';
import { nextTheme } from '../session/theme.ts';
import { DeviceChip } from './DeviceChip.tsx';
import { LanguageMenu } from './LanguageMenu.tsx';
import { Mark } from './Mark.tsx';
import { ModelChip } from './ModelChip.tsx';

interface Props {
  readonly views: readonly { readonly id: keyof Messages['views']; readonly hidden?: boolean }[];
  /** The one that is open. */
  readonly view: string;
  readonly onHelp: () => void;
}

/** The views in one line; where that is too short, it scrolls, fades where it goes on, and the open one is in sight. */
function Navigation({ views, view }: Pick<Props, 'views' | 'view'>) {
  const nav = useRef<HTMLElement>(null);

  useFading(nav);

  useEffect(() => {
    const element = nav.current;
    const open = element?.querySelector<HTMLElement>(`[href="#/${view}"]`);
    if (!element || !open) return;
    const { left, width } = open.getBoundingClientRect();
    const own = element.getBoundingClientRect();
    element.scrollLeft += left + width / 2 - (own.left + own.width / 2);
  }, [view]);

  return (
    <nav ref={nav} className="fades" aria-label={m.navigation}>
      {views
        .filter(({ id, hidden }) => !hidden || id === view)
        .map(({ id }) => (
          <a key={id} href={`#/${id}`} aria-current={id === view ? 'page' : undefined}>
            {m.views[id]}
          </a>
        ))}
    </nav>
  );
}

export function Header({ views, view, onHelp }: Props) {
  const theme = usePreferences((state) => state.theme);
  const free = useRule('views') === 'free';
  return (
    <header className="header">
      <Mark />
      {free && <Navigation views={views} view={view} />}
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
