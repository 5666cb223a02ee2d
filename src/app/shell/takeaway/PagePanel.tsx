/** A page that replays the run, in one file. */

import serif from '@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2?url';
import { useCallback, useState } from 'react';
import { m } from '../../messages/index.ts';
import { useLanguage } from '../../session/language.ts';
import { BranchScope, type Scope } from './BranchScope.tsx';
import { fileName } from './download.ts';
import { alone, htmlOf } from './page/html.ts';
import { SaveButton } from './SaveButton.tsx';
import { branchName, type Taken } from './taken.ts';
import { useMade } from './useMade.ts';

async function fontFile(): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(serif)).arrayBuffer());
}

export function PagePanel({ taken }: { taken: Taken }) {
  const language = useLanguage((state) => state.language) ?? 'en';
  const [scope, setScope] = useState<Scope>('current');
  const [withFont, setWithFont] = useState(true);
  const made = useMade(
    useCallback(async () => {
      const tree = scope === 'all' ? taken.tree : alone(taken.tree);
      const nameOf = (id: number) => branchName(taken.tree, id);
      // Without the network the page has its font in the browser's store; failing that, the reader's own serif will do.
      const font = withFont ? await fontFile().catch(() => undefined) : undefined;
      const html = await htmlOf(tree, { title: taken.title, language, nameOf, font });
      return new Blob([html], { type: 'text/html' });
    }, [taken, scope, withFont, language]),
  );
  return (
    <>
      <p>{m.takeaway.page.about}</p>
      <BranchScope taken={taken} scope={scope} onChoose={setScope} />
      <label className="takeaway-check">
        <input type="checkbox" checked={withFont} onChange={(event) => setWithFont(event.target.checked)} />
        <span>
          {m.takeaway.page.font}
          <small>{m.takeaway.page.fontHelp}</small>
        </span>
      </label>
      <div className="takeaway-acts">
        <SaveButton label={m.takeaway.page.save} made={made} name={fileName(taken.trace, 'html')} />
      </div>
    </>
  );
}
