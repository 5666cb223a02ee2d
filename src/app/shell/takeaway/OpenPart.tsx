/** Opens a saved run, chosen or dropped: a trace file, or a replay page with one in it. */
import { type DragEvent, useState } from 'react';
import { UnmaskError } from '../../../diffusion/error.ts';
import { FileButton } from '../../fields/FileButton.tsx';
import { Icon } from '../../fields/Icon.tsx';
import { m } from '../../messages/index.ts';
import { toldError } from '../../messages/told.ts';
import { useRun } from '../../session/run.ts';
import { openRun } from './download.ts';

export function OpenPart({ onOpened }: { onOpened: () => void }) {
  const idle = useRun((state) => state.status === 'idle');
  const [over, setOver] = useState(false);
  const [trouble, setTrouble] = useState<UnmaskError>();

  const open = (file: File | undefined) => {
    setTrouble(undefined);
    if (file && idle) void openRun(file).then(onOpened, (cause: unknown) => setTrouble(UnmaskError.from(cause)));
  };
  const drag = (event: DragEvent) => {
    event.preventDefault();
    setOver(event.type === 'dragover');
    if (event.type === 'drop') open(event.dataTransfer.files[0]);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first
    <div className={over ? 'takeaway-open over' : 'takeaway-open'} onDragOver={drag} onDragLeave={drag} onDrop={drag}>
      <FileButton
        label={m.takeaway.open.button}
        icon={<Icon name="open" />}
        accept=".json,.html,application/json,text/html"
        disabled={!idle}
        onFiles={([file]) => open(file)}
      />
      <p className="note">{idle ? m.takeaway.open.help : m.takeaway.open.busy}</p>
      {trouble && (
        <p className="note error" role="alert">
          <b>{trouble.file}</b> {toldError(trouble)}
        </p>
      )}
    </div>
  );
}
