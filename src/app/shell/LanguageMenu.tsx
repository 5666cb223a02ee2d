/** The language of the page, each under the name its speakers use. */
import { useState } from 'react';
import { Icon } from '../fields/Icon.tsx';
import { m } from '../messages/index.ts';
import { LANGUAGES, type Language } from '../messages/languages.ts';
import { chooseLanguage, useLanguage } from '../session/language.ts';

export function LanguageMenu() {
  const chosen = useLanguage((state) => state.language);
  const [failed, setFailed] = useState(false);

  const choose = async (language: Language) => {
    try {
      await chooseLanguage(language);
    } catch {
      setFailed(true);
    }
  };

  return (
    <div className="language">
      <button
        type="button"
        className="quiet square"
        popoverTarget="language-menu"
        aria-label={m.header.language}
        title={m.header.language}
      >
        <Icon name="language" />
      </button>
      <div id="language-menu" className="menu small" popover="auto">
        {(Object.keys(LANGUAGES) as Language[]).map((language) => (
          <button
            key={language}
            type="button"
            lang={language}
            aria-pressed={language === chosen}
            onClick={() => void choose(language)}
          >
            <b>{LANGUAGES[language]}</b>
          </button>
        ))}
        {failed && (
          <p className="menu-note" role="alert">
            {m.header.languageFailed}
          </p>
        )}
      </div>
    </div>
  );
}
