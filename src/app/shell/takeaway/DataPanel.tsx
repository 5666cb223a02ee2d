/** The run as data, to be opened again here or read by a program; and its text alone. */
import { useCallback, useState } from 'react';
import { encodeTree } from '../../../diffusion/trace-encode.ts';
import { CopyButton } from '../../fields/CopyButton.tsx';
import { m } from '../../messages/index.ts';
import { BranchScope, type Scope } from './BranchScope.tsx';
import { fileName } from './download.ts';
import { alone } from './page/html.ts';
import { SaveButton } from './SaveButton.tsx';
import { type Taken, textAt } from './taken.ts';
import { useMade } from './useMade.ts';

export function DataPanel({ taken }: { taken: Taken }) {
  const [scope, setScope] = useState<Scope>('all');
  const data = useMade(
    useCallback(
      async () =>
        new Blob([encodeTree(scope === 'all' ? taken.tree : alone(taken.tree))], { type: 'application/json' }),
      [taken, scope],
    ),
  );
  const text = useMade(useCallback(async () => new Blob([textAt(taken)], { type: 'text/plain' }), [taken]));
  return (
    <>
      <p>{m.takeaway.data.about}</p>
      <BranchScope taken={taken} scope={scope} onChoose={setScope} />
      <div className="takeaway-acts">
        <SaveButton label={m.takeaway.data.save} made={data} name={fileName(taken.trace, 'json')} />
      </div>
      <h3>{m.takeaway.data.text}</h3>
      <p className="takeaway-text">{textAt(taken)}</p>
      <div className="takeaway-acts">
        <SaveButton label={m.takeaway.data.saveText} made={text} name={fileName(taken.trace, 'txt')} strong={false} />
        <CopyButton icon="copy" label={m.canvas.copy} text={() => textAt(taken)} />
      </div>
    </>
  );
}
