/** Everything a run can be taken away as, one choice at a time, and the way back: opening a saved one. */
import { useState } from 'react';
import { Modal } from '../../fields/Modal.tsx';
import { m } from '../../messages/index.ts';
import { useRun } from '../../session/run.ts';
import { AnimationPanel } from './AnimationPanel.tsx';
import { CodePanel } from './CodePanel.tsx';
import { DataPanel } from './DataPanel.tsx';
import { OpenPart } from './OpenPart.tsx';
import { PagePanel } from './PagePanel.tsx';
import { PicturePanel } from './PicturePanel.tsx';
import { type Taken, taken } from './taken.ts';
import './takeaway.css';

const PANELS = {
  page: PagePanel,
  animation: AnimationPanel,
  picture: PicturePanel,
  data: DataPanel,
  code: CodePanel,
} as const satisfies Record<string, (props: { taken: Taken }) => React.ReactNode>;
type Kind = keyof typeof PANELS;

export function TakeAwayDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal open title={m.takeaway.title} className="takeaway-dialog" onClose={onClose}>
      <Content onOpened={onClose} />
    </Modal>
  );
}

function Content({ onOpened }: { onOpened: () => void }) {
  // What is on screen now: a run that goes on being written does not change under the hand.
  const [run] = useState(() => taken(useRun.getState()));
  const [kind, setKind] = useState<Kind>('page');
  const Panel = PANELS[kind];
  return (
    <div className="takeaway">
      {run && (
        <div className="takeaway-run">
          <fieldset className="takeaway-kinds">
            <legend className="hidden">{m.takeaway.kind}</legend>
            {(Object.keys(PANELS) as Kind[]).map((one) => (
              <label key={one} className={one === kind ? 'chosen' : ''}>
                <input type="radio" name="takeaway-kind" checked={one === kind} onChange={() => setKind(one)} />
                <b>{m.takeaway.kinds[one][0]}</b>
                <span>{m.takeaway.kinds[one][1]}</span>
              </label>
            ))}
          </fieldset>
          <section className="takeaway-panel" aria-label={m.takeaway.kinds[kind][0]}>
            <Panel taken={run} />
          </section>
        </div>
      )}
      <OpenPart onOpened={onOpened} />
    </div>
  );
}
