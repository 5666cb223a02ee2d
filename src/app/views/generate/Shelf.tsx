/** Six beginnings that ask for what only a page written in any order can do. A press puts one in the prompt and writes. */
import { useRef } from 'react';
import { type Opening, openingText, SHELF } from '../../../diffusion/shelf.ts';
import { useFading } from '../../fields/fading.ts';
import { m } from '../../messages/index.ts';
import { chooseMode } from '../../session/chatFollow.ts';
import { useMaskText } from '../../session/compute.ts';
import { generate } from '../../session/current.ts';
import { useRule } from '../../session/lesson.ts';
import { setSettings } from '../../session/settings.ts';
import { PROMPT_BOX } from './PromptField.tsx';

export function Shelf() {
  const free = [useRule('mode'), useRule('prompt')].every((rule) => rule === 'free');
  const mask = useMaskText();
  const list = useRef<HTMLUListElement>(null);
  useFading(list);
  if (!free) return null;
  return (
    <ul ref={list} className="shelf fades" aria-label={m.shelf.title}>
      {SHELF.map((opening) => (
        <li key={opening.name}>
          <button
            type="button"
            className="shelf-pick"
            title={m.shelf.openings[opening.name][1]}
            onClick={() => take(opening, mask)}
          >
            {m.shelf.openings[opening.name][0]}
          </button>
        </li>
      ))}
    </ul>
  );
}

function take(opening: Opening, mask: string): void {
  const { mode, select } = opening;
  const prompt = openingText(opening, mask);
  // From a chat or a repair, a model that writes comes with it.
  chooseMode(mode);
  setSettings({ prompt });
  if (select === undefined) {
    generate();
    return;
  }
  // The reader's own word comes first: it stands selected, ready to be typed over.
  requestAnimationFrame(() => {
    const box = document.querySelector<HTMLTextAreaElement>(`.${PROMPT_BOX}`);
    const at = prompt.indexOf(select);
    box?.focus();
    box?.setSelectionRange(at, at + select.length);
  });
}
